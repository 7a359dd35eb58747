"""What the supervisor keeps on disk, a JSON object a line, so that its successor goes on where it stopped."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestrator.contract import private
from orchestrator.contract.folders import Folders

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

VERSION = 2
"""Of the journal. It grows when what an older supervisor wrote would mislead a newer one."""

BOUND = 1024 * 1024
"""Bytes beyond which a journal is written anew with what still counts, and events begin a new file."""

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Left:
    """What a predecessor left: the last record of each process by name, all that is known of the mesh, and how many
    lines cannot be read.
    """

    processes: dict[str, Record] = field(default_factory=dict)
    mesh: Record = field(default_factory=dict)
    unreadable: int = 0


class Store:
    """The journal of states and the file of events. A full disk is told by ``problem``, and stops nobody."""

    def __init__(self, folders: Folders, bound: int = BOUND) -> None:
        self._folders, self._bound = folders, bound
        self._journal = _Lines(folders.journal)
        self._events = _Lines(folders.events)
        self._owed: dict[str, Record] = {}
        self._unsaid = 0
        self._limit = max(bound, 4 * self._journal.size())

    @property
    def problem(self) -> str:
        """What keeps it from writing; empty where nothing does."""
        problem = self._journal.problem or self._events.problem
        return f"{self._folders.state}: {problem}" if problem else ""

    def begin(self, record: Record) -> None:
        """Forget what an earlier run left, and note how a new one begins."""
        self._journal.clear()
        self.save({"version": VERSION, **record})

    def save(self, record: Record) -> None:
        """Add what is now true of a process, or of the mesh where it has no ``name``; before it what is owed."""
        self._owed.setdefault(record.get("name", ""), {}).update(record)
        self._pay()
        if self._journal.size() > self._limit:
            self._compact()

    def report(self, event: str, values: Record) -> None:
        """Add an event, with the time in seconds of the epoch."""
        if event == "begin" and self._events.size() > self._bound:
            os.replace(self._folders.events, self._folders.past_events)
            self._events = _Lines(self._folders.events)
        self._confess()
        self._unsaid += not self._add_event(event, values)

    def retry(self) -> None:
        """Write what could not be written, where there is such."""
        self._pay()
        self._confess()

    def _pay(self) -> None:
        for name, each in list(self._owed.items()):
            if not self._journal.add(each):
                return
            del self._owed[name]

    def _confess(self) -> None:
        if self._unsaid:
            text = f"{self._unsaid} events are missing here: {self._events.problem}"
            self._unsaid *= not self._add_event("note", {"text": text})

    def _add_event(self, event: str, values: Record) -> bool:
        return self._events.add({"time": round(time.time(), 6), "event": event, **values})

    def _compact(self) -> None:
        """Put a journal of what still counts into the place of the old one, which stays until that is on the disk."""
        left = load(self._folders.journal)
        beside = self._folders.journal.with_suffix(".new")
        try:
            with open(beside, "wb", opener=private.opener) as file:
                file.writelines(map(_line, [left.mesh, *left.processes.values()]))
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, self._folders.journal)
            _sync_folder(self._folders.state)
        except OSError:  # the old one goes on
            self._limit *= 2
            return
        self._journal = _Lines(self._folders.journal)
        self._limit = max(self._bound, 4 * self._journal.size())


class _Lines:
    """A file that grows by lines; one that a full disk or a crash has torn swallows nothing that follows."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "a+b", buffering=0, opener=private.opener)  # noqa: SIM115 - kept open
        self.problem = ""
        size = self.size()
        self._torn = bool(size) and os.pread(self._file.fileno(), 1, size - 1) != b"\n"

    def size(self) -> int:
        """Return the bytes of the file."""
        return os.fstat(self._file.fileno()).st_size

    def add(self, record: Record) -> bool:
        """Add a line; return whether the whole of it is in the file."""
        data = b"\n" + _line(record) if self._torn else _line(record)
        try:
            written = self._file.write(data)
        except OSError as error:
            self.problem = error.strerror or str(error)
            return False
        self._torn = written < len(data)
        self.problem = "No space left on device" if self._torn else ""
        return not self._torn

    def clear(self) -> None:
        """Forget all."""
        self._file.truncate(0)
        self._torn = False


def _line(record: Record) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=vars).encode() + b"\n"


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def load(path: Path) -> Left:
    """Read the journal."""
    processes: dict[str, Record] = {}
    mesh: Record = {}
    unreadable = 0
    for line in filter(None, path.read_bytes().split(b"\n")) if path.exists() else ():
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if not isinstance(record, dict):
            unreadable += 1
        elif isinstance(record.get("name"), str):
            processes[record["name"]] = record
        else:
            mesh |= record
    return Left(processes, mesh, unreadable)


def boot() -> str:
    """Return the identity of this boot of the machine: pids and start times count only within it."""
    return BOOT_ID.read_text().strip()
