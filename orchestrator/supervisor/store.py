"""What the supervisor keeps on disk, a JSON object a line, so that its successor goes on where it stopped."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from orchestrator.contract.folders import Folders

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Store:
    """The journal of states and the file of events. A full disk is told by ``problem`` and stops nobody."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._journal = _open(folders.journal)
        self._events = _open(folders.events)
        self.problem = ""

    def save(self, record: dict[str, Any]) -> None:
        """Add what is now true of a process, or of the mesh where it has no ``name``."""
        self._append(self._journal, record)

    def report(self, event: str, values: dict[str, Any]) -> None:
        """Add an event, with the time in seconds of the epoch."""
        self._append(self._events, {"time": round(time.time(), 6), "event": event, **values})

    def _append(self, fd: int, record: dict[str, Any]) -> None:
        try:
            os.write(fd, json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            self.problem = ""
        except OSError as error:
            self.problem = f"{self._folders.state}: {error.strerror}"


def _open(path: Path) -> int:
    fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    size = os.fstat(fd).st_size
    if size and os.pread(fd, 1, size - 1) != b"\n":
        # A line torn by a crash must not swallow the next one.
        os.write(fd, b"\n")
    return fd


def load(path: Path) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """Read the journal: the last record of each process by name, and all that is known of the mesh."""
    processes: dict[str, dict[str, Any]] = {}
    mesh: dict[str, Any] = {}
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and "name" in record:
            processes[record["name"]] = record
        elif isinstance(record, dict):
            mesh |= record
    return processes, mesh


def boot() -> str:
    """Give the identity of this boot of the machine: pids and start times count only within it."""
    return BOOT_ID.read_text().strip()
