"""The processes that a process of the mesh has started: those of the session that the keeper made for it (setsid(2)).

One that begins a session of its own is not among them.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import NamedTuple

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")


class Usage(NamedTuple):
    """What a group uses: ``processes``, seconds of cpu with those of children that are gone, and resident bytes.

    What several share counts for each of them in ``resident``.
    """

    processes: int
    cpu: float
    resident: int


def members(leaders: Collection[int]) -> dict[int, list[int]]:
    """Return the pids of the sessions of these leaders, in one look at the machine.

    In a terminal the session is the shell's, and its job is a process group. In its first moment one is alone.
    """
    found: dict[int, list[int]] = {leader: [] for leader in leaders}
    for name in os.listdir("/proc") if found else ():
        if name.isdigit():
            with suppress(OSError):
                pid = int(name)
                of = found.get(os.getsid(pid), found.get(os.getpgid(pid), found.get(pid)))
                if of is not None:
                    of.append(pid)
    return found


def owners(leaders: Mapping[int, str]) -> dict[int, str]:
    """Return whose each pid is: those of the leaders, and of all in their sessions."""
    return {pid: leaders[leader] for leader, pids in members(leaders.keys()).items() for pid in [leader, *pids]}


def members_of(leader: int) -> list[int]:
    """Return the pids of one session, as ``members`` does."""
    return members([leader])[leader]


def usage(pids: Iterable[int]) -> Usage:
    """Return what these use together (proc(5), stat)."""
    processes, ticks, pages = 0, 0, 0
    for pid in pids:
        with suppress(OSError):
            with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
                fields = file.read().rpartition(b") ")[2].split()
            processes += 1
            ticks += sum(map(int, fields[11:15]))
            pages += int(fields[21])
    return Usage(processes, ticks / _TICKS, pages * _PAGE)


def memory(pids: Collection[int], known: Usage) -> int:
    """Return the bytes that these use, what several share in equal parts; ``known`` is what ``usage`` gave."""
    if known.processes < 2:
        return known.resident
    return sum(map(_proportional, pids))


def _proportional(pid: int) -> int:
    """Read the proportional set size (proc(5), smaps_rollup); resident memory of another user's process."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            for line in file:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        return usage([pid]).resident
    return 0
