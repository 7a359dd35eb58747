"""The client that a mesh belongs to: when it dies, the mesh is drained."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable

from orchestrator.contract import exits
from orchestrator.contract.folders import Folders


class Owner:
    """Watches one process, known by pid and start time; a successor reads from a file which."""

    def __init__(self, folders: Folders, gone: Callable[[], None]) -> None:
        self._file, self._gone = folders.owner, gone
        self._pidfd = -1

    def restore(self) -> None:
        """Watch the one that a predecessor has watched."""
        if self._file.exists():
            self.own(*json.loads(self._file.read_bytes()))

    def own(self, pid: int, ticks: int) -> None:
        """Watch this process instead of any before it."""
        self._disown()
        self._file.write_text(json.dumps([pid, ticks]))
        if not exits.is_same_process(pid, ticks):
            asyncio.get_running_loop().call_soon(self._ended)
            return
        self._pidfd = os.pidfd_open(pid)
        asyncio.get_running_loop().add_reader(self._pidfd, self._ended)

    def _disown(self) -> None:
        if self._pidfd >= 0:
            asyncio.get_running_loop().remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = -1
        self._file.unlink(missing_ok=True)

    def _ended(self) -> None:
        self._disown()
        self._gone()
