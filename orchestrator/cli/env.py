"""``env``: what one process of a running mesh finds in its environment."""

from __future__ import annotations

import re
import shlex

from orchestrator.cli.chosen import chosen
from orchestrator.cli.options import MeshName
from orchestrator.cli.run import Process
from orchestrator.client import select_mesh
from orchestrator.project.errors import UsageError
from orchestrator.report.output import PLAIN, Output

_SHELL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def env(process: Process, mesh: MeshName = "", output: Output = PLAIN) -> None:
    """Show the variables that a process gets on top of those of whoever ran up, quoted for a shell.

    What stands in an env_file may be secret: of that only the names are shown.
    """
    from orchestrator.client import connection
    from orchestrator.control.verbs import Env

    of, _ = chosen(None, mesh, output, running=True)
    plan = of.plan
    name = select_mesh.one(process, {each.name: each.node for each in plan.processes})
    try:
        variables = connection.ask(of.folders.supervisor, Env(name))
    except (connection.Unreachable, connection.Refused) as error:
        raise UsageError(f"{of.name}: {error}") from None
    hidden = _hidden(plan.process[name].env_files, variables)
    if output.json:
        output.document({"version": 1, "process": name, "env": variables, "not_printed": hidden})
        return
    for variable, value in variables.items():
        # A shell cannot set a variable of any other name.
        print(f"{'' if _SHELL_NAME.fullmatch(variable) else '# '}{variable}={shlex.quote(value)}")
    for path, names in hidden.items():
        print(f"# from {path}, not printed: {', '.join(names) or 'nothing'}")


def _hidden(paths: tuple[str, ...], variables: dict[str, str]) -> dict[str, list[str]]:
    """Return the names that each file of variables adds. Raise UsageError."""
    from orchestrator.contract.env_file import BadEnvFile, read

    try:
        return {path: [name for name in read([path]) if name not in variables] for path in paths}
    except BadEnvFile as bad:
        raise UsageError(str(bad)) from None
