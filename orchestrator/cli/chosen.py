"""The mesh and the processes that a verb is about."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.client import select_mesh
from orchestrator.client.mesh import Mesh
from orchestrator.project import select_files
from orchestrator.report.output import Output


def chosen(
    arguments: Sequence[str] | None, name: str, output: Output, *, running: bool = False
) -> tuple[Mesh, list[str]]:
    """Return the mesh that is meant, of a file among the arguments too, and the other arguments: processes.

    Remark on a mesh that nobody named. Raise UsageError, also for one that is to be ``running`` and does not.
    """
    positional, patterns = select_files.split(arguments)
    found, why = select_mesh.mesh(name, positional)
    mesh = Mesh(found)
    if running:
        select_mesh.require_running(mesh.folders)
    output.note(why)
    return mesh, patterns
