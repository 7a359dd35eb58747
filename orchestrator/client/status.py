"""The processes of a running mesh: what its supervisor answers to ``ps``, and what the kernel shows of them."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from orchestrator.client import connection
from orchestrator.contract import private
from orchestrator.contract.folders import Folders
from orchestrator.control.verbs import Ps

if TYPE_CHECKING:
    from orchestrator.control.messages import Edges, EdgeStatus, Status, Told
    from orchestrator.observe.status import Document, Looks
    from orchestrator.plan.links import Links


def status(of: Folders, timeout: float | None = 10.0) -> Status:
    """Return the document of ``ps``. Raise Unreachable or Refused, as ``connection.ask`` does."""
    return observed(of, connection.ask(of.supervisor, Ps(), timeout))


def observed(of: Folders, told: Told | Status) -> Status:
    """Return the document of ``ps``, with what a supervisor has answered.

    An answer without addresses is whole. Where the plan cannot be read no links are known, and ``unlinked`` says why.
    """
    if "addresses" in told:
        from orchestrator.observe.status import document

        links, why = _declared(of)
        known = cast("Document", told) | ({"unlinked": why} if why else {})
        whole, looks = document(known, links, _looks(of), time.monotonic())
        _remember(of, looks)
        return cast("Status", whole)
    return told


def edges(of: Folders, told: Told | Status) -> Edges:
    """Return what has come over the edges so far, with what a supervisor has answered to ``ps``."""
    from orchestrator.observe import groups, traffic

    pids = groups.owners({each["pid"]: each["name"] for each in told["processes"] if each["pid"]})
    addresses = cast("dict[str, str]", told.get("addresses", {}))
    found = traffic.edges(_declared(of)[0], addresses, pids)
    return {"time": time.monotonic(), "edges": cast("dict[str, EdgeStatus]", found)}


def _declared(of: Folders) -> tuple[Links, str]:
    """Return the links of the plan that a mesh runs, and why none are known."""
    from orchestrator.plan.links import NONE

    try:
        file = os.stat(of.plan)
        return _read(of.plan, file.st_ino, file.st_mtime_ns), ""
    except (OSError, ValueError, KeyError, TypeError) as error:
        return NONE, f"{of.plan}: {getattr(error, 'strerror', None) or 'it is no plan'}"


@lru_cache(maxsize=8)
def _read(plan: Path, _inode: int, _changed: int) -> Links:
    """Read a plan once, however often somebody looks: another one is another file."""
    from orchestrator.plan.links import links_of_document

    return links_of_document(json.loads(plan.read_bytes()))


def _looks(of: Folders) -> Looks:
    """Read what the last look saw, whoever's it was."""
    try:
        return {int(pid): (cpu, at) for pid, (cpu, at) in json.loads(of.looks.read_bytes()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _remember(of: Folders, looks: Looks) -> None:
    with suppress(OSError):
        private.replace(of.looks, json.dumps(looks).encode(), beside=f".{os.getpid()}")
