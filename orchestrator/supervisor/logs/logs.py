"""The logs of all processes of a mesh."""

from __future__ import annotations

import asyncio

from orchestrator.contract.folders import Folders
from orchestrator.plan import model
from orchestrator.supervisor.logs.log import Log


class Logs(dict[str, Log]):
    """The log of each process by name."""

    def __init__(self, folders: Folders, limits: model.Logs) -> None:
        super().__init__()
        self._folders, self._limits = folders, limits

    def open(self, name: str) -> None:
        """Write down from now on what a process prints."""
        folder = self._folders.run / "processes" / name
        folder.mkdir(mode=0o700, exist_ok=True)
        file = self._folders.logs / f"{name}.log"
        log = Log(self._folders.file(name, "out"), self._folders.file(name, "err"), file, self._limits)
        self[name] = log
        for fd in (log.out, log.err):
            asyncio.get_running_loop().add_reader(fd, log.read, fd)

    def retry(self) -> None:
        """Write what could not be written."""
        for log in self.values():
            log.retry()

    @property
    def problem(self) -> str:
        """What keeps one of them from being written; empty where nothing does."""
        return next((f"{self._folders.logs}: {log.problem}" for log in self.values() if log.problem), "")
