"""The file of exits: what a keeper saw, written before it is told."""

import contextlib
import json
import os
from pathlib import Path

from orchestrator.contract import codec
from orchestrator.contract.codec import Part

PF_FORKNOEXEC = 0x40
"""Flag of a process in /proc/PID/stat that is still a fork of its parent (include/linux/sched.h)."""


class Child(Part):
    """One incarnation of a process. ``ticks`` is its start time, field 22 of /proc/PID/stat (proc(5))."""

    process: str
    generation: int
    pid: int
    ticks: int


class Exit(Child):
    """How a child ended: ``status`` as waitpid(2) gives it, ``time`` in seconds of the epoch."""

    status: int
    time: float


def start_ticks(pid: int) -> int:
    """Return the start time of a process in clock ticks since boot. Raise OSError when it is gone."""
    return int(_stat(pid)[19])


def parent(pid: int) -> int:
    """Return the pid of a process's parent, 0 when it is gone. One that has ended is there until that has reaped it."""
    try:
        return int(_stat(pid)[1])
    except OSError:
        return 0


def executed(pid: int) -> bool:
    """Return whether a process has executed a program since it was forked; False when it is gone."""
    try:
        return not int(_stat(pid)[6]) & PF_FORKNOEXEC
    except OSError:
        return False


def _stat(pid: int) -> list[bytes]:
    # The name in brackets may hold anything, so the fields are counted from its end.
    text = Path(f"/proc/{pid}/stat").read_bytes()
    return text[text.rindex(b")") + 2 :].split()


def is_same_process(pid: int, ticks: int) -> bool:
    """Return whether a process with this pid and start time is there."""
    try:
        return bool(pid) and start_ticks(pid) == ticks
    except OSError:
        return False


def append(path: Path, exit_: Exit) -> None:
    """Add an exit to the file of exits. Raise OSError."""
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # A line torn by a full disk must not swallow this one.
        os.write(fd, b"\n" + json.dumps(vars(exit_)).encode() + b"\n")
    finally:
        os.close(fd)


def read(path: Path) -> list[Exit]:
    """Read the file of exits; a torn line is left out."""
    return _parse(path.read_bytes()) if path.exists() else []


class Exits:
    """The file of exits for who asks again and again: each line is read once, and a torn one is left out."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._last: dict[str, Exit] = {}

    def of(self, process: str, generation: int) -> Exit | None:
        """Return how this incarnation ended, where it is the last of its process that a keeper saw end."""
        self._read_on()
        last = self._last.get(process)
        return last if last is not None and last.generation == generation else None

    def _read_on(self) -> None:
        with contextlib.suppress(FileNotFoundError), open(self._path, "rb") as file:
            file.seek(self._offset)
            whole, newline, _ = file.read().rpartition(b"\n")
            self._offset += len(whole + newline)
            self._last |= {each.process: each for each in _parse(whole)}


def _parse(lines: bytes) -> list[Exit]:
    found: list[Exit] = []
    for line in lines.splitlines():
        with contextlib.suppress(ValueError, RecursionError):  # BadMessage is a ValueError
            found.append(codec.decode(Exit, json.loads(line)))
    return found
