"""What is said at the end of a mesh, and the status that says it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from tests.cases.conftest import Case, Ended

pytestmark = pytest.mark.process

NOTHING = "nothing left in flight"


@pytest.fixture
def real(case: Callable[..., Case]) -> Case:
    return case("real")


def grace(of: Case, seconds: int) -> str:
    """Write an overlay that bounds the drain of each process."""
    path = of.folder / "grace.yaml"
    path.write_text(f"defaults: {{node: {{stop: {{grace: {seconds}s}}}}}}\n")
    return path.name


def up(of: Case, *arguments: str) -> Ended:
    return of("up", *arguments)


def test_a_sink_that_fails_to_write_its_result_fails_the_mesh(case: Callable[..., Case]) -> None:
    ended = up(case("drain-failure-of-sink"))
    assert ended.status == 1
    assert "sink ! exited with status 1" in ended.text
    assert "when told to stop" in ended.text
    assert "1 clean exit," in ended.text
    assert NOTHING not in ended.text


def test_commands_that_fail_when_they_are_told_to_stop_are_named(real: Case) -> None:
    ended = up(real, "crash.topology.yaml", "--for", "2s")
    assert ended.status == 1
    assert "c ! killed by SIGSEGV" in ended.text
    assert re.search(r"d ! exited with status 1 .*: could not save", ended.text)
    assert "0 clean exits" in ended.text


def test_a_reader_that_leaves_with_messages_unread_loses_them(real: Case) -> None:
    ended = up(real, "tail.topology.yaml")
    assert ended.status == 1
    for socket in ("r.a", "r.b"):
        assert re.search(rf"r +! left \d+ messages, \d+ k?B unread at {socket}", ended.text), ended.text
    assert "lost: at least" in ended.text
    assert NOTHING not in ended.text


def larger(of: Case) -> None:
    """Let the sources send more than a reader's queue and what it reads at once hold, and less than would block them.

    A queue holds 1000 messages, and libzmq reads 8 KiB at a time: 80 of these.
    """
    path = of.folder / "tail.py"
    path.write_text(path.read_text().replace('b"%d" % i', 'b"%0100d" % i'))


def test_two_inputs_that_are_read_one_after_the_other(real: Case) -> None:
    larger(real)
    lost = told_of_losses(up(real, "-f", "tail2.topology.yaml", "-f", grace(real, 2)))
    assert lost > 0


@pytest.mark.long
def test_two_inputs_that_are_read_one_after_the_other_ten_times(case: Callable[..., Case]) -> None:
    for _ in range(10):
        told_of_losses(up(case("real"), "tail2.topology.yaml"))


def told_of_losses(ended: Ended) -> int:
    """Check that losses are told of where there are some; give how many messages were lost."""
    read = re.search(r"two loops \{'a': (\d+), 'b': (\d+)\}", ended.out)
    assert read is not None, ended.text
    sent = sum(map(int, re.findall(r"sent (\d+)", ended.out)))
    lost = sent - int(read[1]) - int(read[2])
    if not lost:
        assert (ended.status, NOTHING in ended.text) == (0, True)
        return 0
    assert ended.status == 1
    assert re.search(
        r"s[ab] ! left with at least \d+ k?B of s[ab]\.out \(edge [ab]\) that r\.[ab] has not read", ended.text
    )
    assert "lost: at least" in ended.text
    assert NOTHING not in ended.text
    return lost


@pytest.mark.long
def test_without_the_hold_the_same_is_lost_and_nobody_would_know(real: Case) -> None:
    """The control: with the mechanism switched off the losses are not seen."""
    larger(real)
    without = Case(real.folder, real.run, real.state, {"ORCHESTRATOR_HOLD": "0"})
    ended = up(without, "-f", "tail2.topology.yaml", "-f", grace(real, 2))
    assert "has not read" not in ended.text


def test_what_commands_held_that_a_signal_ended_is_lost_and_said(real: Case) -> None:
    ended = up(real, "flight.topology.yaml", "--for", "3s")
    assert ended.status == 0
    assert "ended by a signal, so what they held is lost: source, sink" in ended.text
    assert "2 clean exits" in ended.text
    assert NOTHING not in ended.text


IDLE = """
nodes:
  src: {python: "idle:src", sockets: {out: PUSH}}
  sink: {python: "idle:sink", sockets: {in: PULL}}
edges: {e: {bind: sink.in, connect: src.out}}
"""

IDLE_PROGRAMS = """
def src(node):
    for number in range(500): node.socket("out").send(b"%d" % number)
    node.stopping.wait()
def sink(node):
    node.stopping.wait()
"""


def test_events_and_down_tell_of_it_too(real: Case) -> None:
    (real.folder / "idle.topology.yaml").write_text(IDLE)
    (real.folder / "idle.py").write_text(IDLE_PROGRAMS)
    assert real("up", "-d", "idle.topology.yaml", "--name", "idle").status == 0
    ended = real("down")
    assert ended.status == 1, ended.text
    assert "sink ! left 500 messages" in ended.err
    events = [json.loads(line) for line in real("events", "-m", "idle", "--format", "json").out.splitlines()]
    [found] = [entry for each in events if each["event"] == "unread" for entry in each["unread"]]
    assert (found["socket"], found["edge"], found["then"], found["messages"]) == ("in", "e", "lost", 500)
    assert (events[-1]["in_flight"]["lost"], events[-1]["in_flight"]["messages"]) == (["sink"], 500)
    assert real("wait", "--exit", "-m", "idle").status == 1
