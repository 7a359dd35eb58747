"""Asking a mesh to stop, and showing how it does until it is gone."""

from __future__ import annotations

import time

from orchestrator.client.errors import MeshGoneError
from orchestrator.client.mesh import Mesh
from orchestrator.client.open_run import opened
from orchestrator.client.presence import INTERVAL
from orchestrator.client.run_view import Run
from orchestrator.report import console
from orchestrator.report.output import Output


def stop(mesh: Mesh, output: Output, *, now: bool, grace: float | None) -> tuple[Run, list[str]]:
    """Ask a mesh to stop; return its run as it was before, to be followed, and what to say. Raise UsageError."""
    run = opened(mesh.folders, mesh.plan, output, known=True, logs=False)
    order = mesh.ask_down(now=now, grace=grace)
    return run, run.story.stop(order) if order else []


def follow(mesh: Mesh, run: Run, *, killed: bool) -> int:
    """Wait until a mesh is gone; return 1 where somebody was forced or failed, or messages are known to be lost."""
    while not run.story.ended:
        run.look()
        if run.gone():
            run.look()
            if not run.story.ended:
                console.note(str(MeshGoneError.named(mesh.name)))
                return 1
        time.sleep(INTERVAL)
    run.finish()
    return int(not (killed or run.story.ended["drained"]))
