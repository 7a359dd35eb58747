"""``env``: what one process of a running mesh finds in its environment."""

from __future__ import annotations

from orchestrator.cli.chosen import chosen
from orchestrator.cli.options import MeshName
from orchestrator.cli.run import Process
from orchestrator.client import select_mesh
from orchestrator.report.output import PLAIN, Output


def env(process: Process, mesh: MeshName = "", output: Output = PLAIN) -> None:
    """Show the variables that a process gets on top of those of whoever ran up, quoted for a shell.

    What stands in an env_file may be secret: of that only the names are shown.
    """
    from orchestrator.client.process_environment import environment
    from orchestrator.report.environment import lines

    of, _ = chosen(None, mesh, output, running=True)
    name = select_mesh.one(process, select_mesh.processes(of.name))
    shown, hidden = environment(of, name)
    if output.json:
        output.document({"version": 1, "process": name, "env": shown, "not_printed": hidden})
        return
    output.lines(lines(shown, hidden))
