"""Which mesh and which of its processes a verb means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from orchestrator.client.errors import MeshGoneError
from orchestrator.contract import folders
from orchestrator.contract.folders import Folders
from orchestrator.project import select_files
from orchestrator.project.errors import UsageError

if TYPE_CHECKING:
    from orchestrator.plan.model import Plan


def mesh(name: str, positional: str | None) -> tuple[str, str]:
    """Find which mesh is meant, running or not, and what to say about the choice (often nothing).

    It is ``name``; else the mesh of the file; else the only one that runs. Raise UsageError.
    """
    from orchestrator.client.meshes import running

    if name:
        return select_files.checked(name), ""
    if (found := select_files.find_file(positional)) is not None:
        return select_files.name_of(found), ""
    alive = running()
    if len(alive) == 1:
        return alive[0], f"{alive[0]}: the only mesh that runs"
    raise UsageError(f"which mesh? {_list(alive)}; say -m NAME")


def running(name: str) -> Folders:
    """Return the folders of a mesh. Raise UsageError where it does not run."""
    found = folders.of(select_files.checked(name))
    require_running(found)
    return found


def require_running(of: Folders) -> None:
    """Raise UsageError where a mesh does not run."""
    from orchestrator.client import meshes

    if meshes.runs(of):
        return
    if meshes.lost(of):
        raise UsageError(str(MeshGoneError.named(of.run.name)))
    raise UsageError(f"{of.run.name} is not running; {_list(meshes.running())}")


def plan(name: str) -> Plan:
    """Return the plan that a mesh runs, or ran last. Raise UsageError where it never did."""
    return plan_in(folders.of(name))


def plan_in(of: Folders) -> Plan:
    """Return the plan of the mesh whose folders these are. Raise UsageError where it never ran."""
    from orchestrator.plan import model

    try:
        return model.load(of.plan.read_bytes())
    except FileNotFoundError:
        from orchestrator.client.meshes import remembered

        raise UsageError(f"{of.run.name} never ran; known: {', '.join(remembered()) or 'none'}") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{of.plan}: cannot be read: {error}") from None


def processes(name: str) -> dict[str, str]:
    """Map the processes of a mesh to their nodes, in the plan's order. Raise UsageError where it never ran."""
    return {process.name: process.node for process in plan(name).processes}


def match(patterns: Sequence[str], known: Mapping[str, str]) -> list[str]:
    """Return the processes that any pattern means: a node, a process, or a shell pattern. Raise UsageError."""
    from fnmatch import fnmatchcase

    wanted: set[str] = set()
    for pattern in patterns:
        found = {one for one, node in known.items() if node == pattern or fnmatchcase(one, pattern)}
        if not found:
            raise UsageError(f"no process {pattern}; {_as_mesh(pattern) or _suggest(pattern, known)}")
        wanted |= found
    return [name for name in known if name in wanted] if patterns else list(known)


def one(pattern: str, known: Mapping[str, str]) -> str:
    """Return the one process that is meant. Raise UsageError where there are several."""
    found = match([pattern], known)
    if len(found) > 1:
        raise UsageError(f"{pattern} is {len(found)} processes; name one of them, such as {found[0]}")
    return found[0]


def _as_mesh(pattern: str) -> str:
    """Say how a mesh is named where somebody has given its name for a process; empty where it is none."""
    from orchestrator.client import meshes

    return f"{pattern} is a mesh: -m {pattern}" if pattern in {*meshes.started(), *meshes.remembered()} else ""


def _suggest(pattern: str, known: Mapping[str, str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(pattern, [*known.values(), *known], 1)
    return f"did you mean {near[0]}?" if near else f"nodes: {', '.join(dict.fromkeys(known.values())) or 'none'}"


def _list(names: Sequence[str]) -> str:
    return f"running: {', '.join(names)}" if names else "none runs"
