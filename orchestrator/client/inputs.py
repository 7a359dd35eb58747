"""What a running mesh was started with, so that somebody who has edited its files since is told."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.contract import private
from orchestrator.topology.reading import STDIN

if TYPE_CHECKING:
    from orchestrator.contract.folders import Folders
    from orchestrator.plan.model import Plan
    from orchestrator.project.selection import Selection

FILE = "inputs.json"

NAMED = 4
"""How many differences between two plans are named."""


def write(of: Folders, selection: Selection, sources: Sequence[str]) -> None:
    """Note what a mesh is started with. Raise OSError. ``sources`` are all files that were read."""
    given = {**selection._asdict(), "sets": dict(selection.sets), "folder": os.getcwd()}
    stamps = {os.path.abspath(file): _stamp(file) for file in sources if file != STDIN}
    path = of.state / FILE
    path.unlink(missing_ok=True)
    with open(path, "w", opener=private.opener) as file:
        json.dump({"version": 1, **given, "stamps": stamps}, file)


def remark(of: Folders, *, color: bool = False) -> str:
    """Say that the files of a running mesh are not what it was started with, and what differs; mostly empty."""
    try:
        given = json.loads((of.state / FILE).read_bytes())
        changed = [file for file, stamp in given["stamps"].items() if _stamp(file) != stamp]
    except (OSError, ValueError, KeyError, AttributeError):
        return ""
    if not changed:
        return ""
    found = _found(of, given)
    if found == []:
        return ""
    names = ", ".join(os.path.relpath(file) for file in changed)
    verb = "has" if len(changed) == 1 else "have"
    what = f" ({brief(found)})" if found else ""
    return f"{names} {verb} changed since the start{what}; what runs is the old plan: down and up take the new one"


def differences(path: Path, wanted: Plan) -> list[str]:
    """Say what differs between a plan on disk and another one, but for where things stand in which files."""
    from orchestrator.plan import model
    from orchestrator.plan.diff import differences

    try:
        return differences(model.load(path.read_bytes()), wanted)
    except (OSError, ValueError, KeyError, TypeError):
        return [f"{path} cannot be read"]


def brief(differs: Sequence[str]) -> str:
    """Return differences in a line."""
    return "; ".join([*differs[:NAMED], *(["..."] if len(differs) > NAMED else [])])


def _stamp(file: str) -> list[int]:
    try:
        found = os.stat(file)
    except OSError:
        return []  # it is gone
    return [found.st_mtime_ns, found.st_size, found.st_ino]


def _found(of: Folders, given: dict[str, Any]) -> list[str] | None:
    """Return what differs in the plan that the files would make now; None where that cannot be known."""
    from orchestrator.plan.build import build
    from orchestrator.topology.errors import InvalidTopologyError
    from orchestrator.topology.load import load

    if STDIN in given["files"]:
        return None
    here = os.getcwd()
    try:
        environment = json.loads(of.environment.read_bytes())
        os.chdir(given["folder"])
        topology = load(
            given["files"], given["sets"], environment, name=given["name"] or None, root=given["root"] or None
        )
        return differences(of.plan, build(topology, tuple(given["profiles"])))
    except InvalidTopologyError:
        return ["cannot be understood now"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    finally:
        os.chdir(here)
