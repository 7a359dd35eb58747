"""The file of exits: what a keeper saw, written before it is told."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Child:
    """One incarnation of a process. ``ticks`` is its start time, field 22 of /proc/PID/stat (proc(5))."""

    process: str
    generation: int
    pid: int
    ticks: int


@dataclass(frozen=True, slots=True)
class Exit(Child):
    """How a child ended: ``status`` as waitpid(2) gives it, ``time`` in seconds of the epoch."""

    status: int
    time: float


def start_ticks(pid: int) -> int:
    """Give the start time of a process in clock ticks since boot. Raise OSError when it is gone."""
    # The name in brackets may hold anything, so the fields are counted from its end.
    text = Path(f"/proc/{pid}/stat").read_bytes()
    return int(text[text.rindex(b")") + 2 :].split()[19])


def lives(pid: int, ticks: int) -> bool:
    """Tell whether a process with this pid and start time is there."""
    try:
        return bool(pid) and start_ticks(pid) == ticks
    except OSError:
        return False


def append(path: Path, exit_: Exit) -> None:
    """Add an exit to the file of exits. Raise OSError."""
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # A line torn by a full disk must not swallow this one.
        os.write(fd, b"\n" + json.dumps(asdict(exit_)).encode() + b"\n")
    finally:
        os.close(fd)


def read(path: Path) -> list[Exit]:
    """Read the file of exits; a torn line is left out."""
    found: list[Exit] = []
    with contextlib.suppress(FileNotFoundError):
        for line in path.read_bytes().splitlines():
            with contextlib.suppress(ValueError, TypeError):
                found.append(Exit(**json.loads(line)))
    return found
