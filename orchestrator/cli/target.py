"""What a verb acts on: a file, a mesh, processes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.cli.mistake import Mistake
from orchestrator.contract import folders
from orchestrator.contract.folders import Folders
from orchestrator.topology.reading import STDIN

if TYPE_CHECKING:
    from orchestrator.plan.model import Plan

DEFAULT = "topology.yaml"

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_WRITTEN = re.compile(r"^name:[ \t]*([\"']?)([a-z][a-z0-9_-]{0,62})\1[ \t]*(?:#.*)?$", re.MULTILINE)
_UNCLEAR = re.compile(r"^(?:name|include|[\"'{<])", re.MULTILINE)


def is_file(text: str) -> bool:
    """Tell whether an argument means a file: it ends in .yaml or .yml, holds a / or is -."""
    return text.endswith((".yaml", ".yml")) or "/" in text or text == STDIN


def split(arguments: Sequence[str] | None) -> tuple[str | None, list[str]]:
    """Part what means a file from the other arguments. Raise Mistake where two do."""
    files = [each for each in arguments or () if is_file(each)]
    if len(files) > 1:
        raise Mistake(f"{files[1]}: a second file; to lay it over the first, write -f {files[0]} -f {files[1]}")
    return (files[0] if files else None), [each for each in arguments or () if not is_file(each)]


def only_files(arguments: Sequence[str] | None, options: Sequence[str] | None = None) -> list[str]:
    """Give the files of a verb that takes nothing else, as ``files`` does. Raise Mistake where an argument is none."""
    positional, others = split(arguments)
    if others:
        raise Mistake(f"{others[0]} is no file: it ends in .yaml or .yml, or holds a /")
    return files(positional, options)


def find_file(positional: str | None) -> str | None:
    """Find the topology: an argument, ORCHESTRATOR_FILE, topology.yaml here or above; None where there is none."""
    if positional:
        return positional
    if from_environment := os.environ.get("ORCHESTRATOR_FILE"):
        return from_environment
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / DEFAULT).is_file():
            return os.path.relpath(folder / DEFAULT, here)
    return None


def files(positional: str | None, options: Sequence[str] | None = None) -> list[str]:
    """Give the files of ``-f``, each laid over those before it, else the one of ``find_file``. Raise Mistake."""
    if positional and options:
        overlay = " ".join(f"-f {each}" for each in (positional, *options))
        raise Mistake(f"{positional}: files are named by -f, or one without it; for overlays write {overlay}")
    if options:
        if options.count(STDIN) > 1:
            raise Mistake("-f - stands twice; standard input can be read once")
        return list(options)
    found = find_file(positional)
    if found is None:
        raise Mistake(f"no {DEFAULT} here or in a folder above; name a file, or set ORCHESTRATOR_FILE")
    return [found]


def sets(pairs: Iterable[str] | None) -> dict[str, str]:
    """Read the X=V of ``--set``. Raise Mistake."""
    found: dict[str, str] = {}
    for pair in pairs or ():
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise Mistake(f"--set {pair}: expected NAME=VALUE")
        found[name] = value
    return found


def mesh(name: str, positional: str | None) -> tuple[str, str]:
    """Find which mesh is meant, running or not, and what to say about the choice (often nothing).

    It is ``name``; else the mesh of the file; else the only one that runs. Raise Mistake.
    """
    from orchestrator.control.meshes import running

    if name:
        return checked(name), ""
    if (found := find_file(positional)) is not None:
        return _name_of(found), ""
    alive = running()
    if len(alive) == 1:
        return alive[0], f"{alive[0]}: the only mesh that runs"
    raise Mistake(f"which mesh? {_list(alive)}; say -m NAME")


def running(name: str) -> Folders:
    """Give the folders of a mesh. Raise Mistake where it does not run."""
    from orchestrator.control import meshes

    found = folders.of(checked(name))
    if meshes.runs(found):
        return found
    if meshes.lost(found):
        raise Mistake(f"{name}: its supervisor and its keeper are gone; up takes over the nodes that still run")
    raise Mistake(f"{name} is not running; {_list(meshes.running())}")


def plan(name: str) -> Plan:
    """Give the plan that a mesh runs, or ran last. Raise Mistake where it never did."""
    from orchestrator.plan import model

    of = folders.of(name)
    try:
        return model.load(of.plan.read_bytes())
    except FileNotFoundError:
        from orchestrator.control.meshes import remembered

        raise Mistake(f"{name} never ran; known: {', '.join(remembered()) or 'none'}") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Mistake(f"{of.plan}: cannot be read: {error}") from None


def processes(name: str) -> dict[str, str]:
    """Map the processes of a mesh to their nodes, in the plan's order. Raise Mistake where it never ran."""
    return {process.name: process.node for process in plan(name).processes}


def match(patterns: Sequence[str], known: Mapping[str, str]) -> list[str]:
    """Give the processes that any pattern means: a node, a process, or a shell pattern. Raise Mistake."""
    from fnmatch import fnmatchcase

    wanted: set[str] = set()
    for pattern in patterns:
        found = {one for one, node in known.items() if node == pattern or fnmatchcase(one, pattern)}
        if not found:
            raise Mistake(f"no process {pattern}; {_as_mesh(pattern) or _suggest(pattern, known)}")
        wanted |= found
    return [name for name in known if name in wanted] if patterns else list(known)


def one(pattern: str, known: Mapping[str, str]) -> str:
    """Give the one process that is meant. Raise Mistake where there are several."""
    found = match([pattern], known)
    if len(found) > 1:
        raise Mistake(f"{pattern} is {len(found)} processes; name one of them, such as {found[0]}")
    return found[0]


def _as_mesh(pattern: str) -> str:
    """Say how a mesh is named where somebody has given its name for a process; empty where it is none."""
    from orchestrator.control import meshes

    return f"{pattern} is a mesh: -m {pattern}" if pattern in {*meshes.started(), *meshes.remembered()} else ""


def _suggest(pattern: str, known: Mapping[str, str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(pattern, [*known.values(), *known], 1)
    return f"did you mean {near[0]}?" if near else f"nodes: {', '.join(dict.fromkeys(known.values())) or 'none'}"


def checked(name: str) -> str:
    """Give a name that a mesh can have. Raise Mistake for another one."""
    if not _NAME.fullmatch(name):
        raise Mistake(f"{name!r} is no name of a mesh")
    return name


def _name_of(path: str) -> str:
    """Find the mesh's name without the whole load where the file makes it plain: it may be half edited just now."""
    from orchestrator.topology import reading

    if path != STDIN:
        try:
            text = reading.content(path).decode("utf-8-sig", errors="replace")
        except OSError as error:
            raise Mistake(f"{path}: {error.strerror}") from None
        if written := _WRITTEN.search(text):
            return written.group(2)
        if not _UNCLEAR.search(text):
            return default_name(path)
    from orchestrator.cli.load import topology

    return topology([path]).name


def default_name(path: str) -> str:
    """Give the name that a file without ``name:`` gives its mesh, without the weight of what reads topologies."""
    file = Path(path)
    folder_named = file.name in (DEFAULT, "topology.yml")
    base = file.resolve().parent.name if folder_named else file.name.partition(".")[0]
    return checked(re.sub(r"[^a-z0-9_-]", "-", base.lower()))


def _list(names: Sequence[str]) -> str:
    return f"running: {', '.join(names)}" if names else "none runs"
