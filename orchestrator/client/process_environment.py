"""What one process of a running mesh finds in its environment, without what may be secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from orchestrator.client import requests
from orchestrator.contract.env_file import BadEnvFile, read
from orchestrator.control.verbs import Env
from orchestrator.project.errors import UsageError

if TYPE_CHECKING:
    from orchestrator.client.mesh import Mesh


class Environment(NamedTuple):
    """Variables that may be shown, and for each file of variables the names of those that may not."""

    shown: dict[str, str]
    hidden: dict[str, list[str]]


def environment(mesh: Mesh, process: str) -> Environment:
    """Return what a process gets on top of the environment of whoever ran ``up``. Raise UsageError."""
    shown = requests.answered(mesh.folders, Env(process))
    return Environment(shown, hidden(mesh.plan.process[process].env_files, shown))


def hidden(paths: Sequence[str], shown: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the names that each file of variables adds. Raise UsageError."""
    try:
        return {path: [name for name in read([path]) if name not in shown] for path in paths}
    except BadEnvFile as bad:
        raise UsageError(str(bad)) from None
