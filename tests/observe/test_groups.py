"""What a process and those that it has started use together, as the kernel shows it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from orchestrator.observe import groups

pytestmark = pytest.mark.process

MEBI = 2**20

LEADER = """
import mmap, os, sys, time
shared, own, children = map(int, sys.argv[1:4])
os.setsid()
kept = mmap.mmap(-1, max(shared, 1) << 20)
def fill(count):
    held = bytearray(count << 20)
    held[::4096] = b"x" * len(held[::4096])
    return held
for _ in range(children):
    if os.fork() == 0:
        os.setpgid(0, 0)  # as a shell with job control
        mine = fill(own)
        for at in range(0, shared << 20, 4096):
            kept[at] = 1
        os.write(1, b".")
        time.sleep(60)
exec(sys.argv[4])
os.write(1, b".")
time.sleep(60)
"""
"""One with so many children, each of which holds so many MiB of their own, and all together so many that they share."""

Start = Callable[..., int]


@pytest.fixture
def start() -> Iterator[Start]:
    with ExitStack() as stack:

        def run(*, shared: int = 0, own: int = 0, children: int = 0, then: str = "") -> int:
            arguments = [sys.executable, "-c", LEADER, *map(str, (shared, own, children)), then]
            leader = subprocess.Popen(arguments, stdout=subprocess.PIPE)
            assert leader.stdout is not None
            assert leader.stdout.read(children + 1) == b"." * (children + 1)

            def end() -> None:
                for pid in groups.members_of(leader.pid):
                    os.kill(pid, 9)
                leader.wait()

            stack.enter_context(leader.stdout)
            stack.callback(end)
            return leader.pid

        yield run


def used(leader: int) -> tuple[groups.Usage, int]:
    pids = groups.members_of(leader)
    found = groups.usage(pids)
    return found, groups.memory(pids, found)


def test_members_are_those_of_the_session_whatever_their_group(start: Start) -> None:
    one, two = start(children=3), start()
    found = groups.members([one, two])
    assert [len(found[leader]) for leader in (one, two)] == [4, 1]
    assert found[one][0] == one or one in found[one]
    assert found[two] == [two]


def test_who_is_gone_uses_nothing() -> None:
    assert groups.members([2**22 + 1]) == {2**22 + 1: []}
    assert groups.usage([2**22 + 1]) == groups.Usage(0, 0.0, 0)
    assert groups.members([]) == {}


def test_what_is_shared_counts_once(start: Start) -> None:
    found, size = used(start(shared=60, children=4))
    assert found.processes == 5
    assert found.resident > 240 * MEBI
    assert 60 * MEBI < size < 120 * MEBI


def test_what_a_child_holds_counts(start: Start) -> None:
    found, size = used(start(own=60, children=2))
    assert found.processes == 3
    assert size > 120 * MEBI


def test_one_alone_has_its_resident_memory(start: Start) -> None:
    found, size = used(start(then="kept = fill(30)"))
    assert size == found.resident > 30 * MEBI


def test_the_time_of_a_child_that_is_gone_stays(start: Start) -> None:
    burn = """
if (child := os.fork()) == 0:
    until = time.process_time() + 0.3
    while time.process_time() < until: pass
    os._exit(0)
os.waitpid(child, 0)
"""
    found, _ = used(start(then=burn))
    assert found.processes == 1
    assert found.cpu >= 0.28
