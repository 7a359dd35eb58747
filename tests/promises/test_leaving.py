"""A process is shown as what it is: one whose program has ended, and one that a signal has stopped."""

from __future__ import annotations

import os
import signal

import pytest

from tests.support.meshes import Make, edge, node

pytestmark = pytest.mark.process

EDGES = {"water": edge("basin.in", "spring.out")}
BASIN = node("programs:deaf", {"in": {"type": "PULL", "rcvhwm": 5}})


def test_a_program_that_has_raised_is_leaving_and_its_restart_does_not_wait_for_readers(mesh: Make) -> None:
    restart = {"policy": "on-failure", "delay": "10ms"}
    spring = node("programs:spill", {"out": "PUSH"}, args={"fail": True}, restart=restart, stop={"grace": "60s"})
    made = mesh({"spring": spring, "basin": BASIN}, EDGES)
    made.start()
    made.until(lambda: made.events("begin") and made.ps()["spring"]["state"] == "leaving")
    [first, *_] = made.wait_for("exited", process="spring")
    assert first["status"] == 1
    assert first["seconds"] < 15  # far below the grace; of it a second is for those who read
    made.wait_for("started", process="spring", generation=2)


def test_one_that_has_returned_is_leaving_as_long_as_its_grace(mesh: Make) -> None:
    spring = node("programs:spill", {"out": "PUSH"}, kind="job", args={"fail": False}, stop={"grace": "60s"})
    made = mesh({"spring": spring, "basin": BASIN}, EDGES)
    made.start_detached()  # it was ready
    found = made.until(lambda: (ps := made.ps()["spring"])["state"] == "leaving" and ps["since"] > 2 and ps)
    assert found["pid"]
    assert made.events("exited", process="spring") == []


@pytest.mark.long
def test_who_is_stopped_by_a_signal_is_shown_as_suspended_and_when_it_goes_on(mesh: Make) -> None:
    made = mesh(
        {
            "basin": node("programs:deaf", {"in": "PULL"}),
            "tool": {"command": ["sleep", "1000"]},
            "other": {"command": ["sleep", "1000"]},
        },
        {},
    )
    made.start_detached()
    pids = {name: pid for name, pid in made.pids().items() if name != "other" and pid}
    for pid in pids.values():
        os.kill(pid, signal.SIGSTOP)
    made.until(lambda: [each["state"] for each in made.ps().values()].count("suspended") == 2)
    assert made.ps()["other"]["state"] == "ready"
    for pid in pids.values():
        os.kill(pid, signal.SIGCONT)
    made.until(lambda: [each["state"] for each in made.ps().values()].count("ready") == 3)
    notes = [each["text"].split()[:3] for each in made.events("note")]
    for name in pids:
        assert [name, "is", "suspended:"] in notes
        assert [name, "goes", "on,"] in notes


def hindered(mesh: Make, spring: str, basin: str) -> list[str]:
    """Stop by hand one that does not leave; give what is said of it: in notes, at its end, and by ``stop``."""
    grace = {"grace": "4s"}
    made = mesh(
        {
            "spring": node(f"programs:{spring}", {"out": "PUSH"}, stop=grace),
            "basin": node(f"programs:{basin}", {"in": {"type": "PULL", "rcvhwm": 5}}),
        },
        EDGES,
    )
    made.start_detached()
    said = made.run("stop", "spring")
    made.wait_for("exited", process="spring")
    [note] = [each["text"] for each in made.events("note") if each["text"].startswith("spring ")]
    assert f"mesh: {note}" in said
    return [note, *(each["text"] for each in made.events("killed", process="spring", signal="TERM"))]


def test_stop_says_who_never_looked_whether_to(mesh: Make) -> None:
    assert hindered(mesh, "everlasting", "drink") == [
        "spring has not stopped yet: it never looked at node.stopping",
        "did not stop in time, since it never looked at node.stopping: SIGTERM",
    ]


@pytest.mark.long
def test_stop_names_the_reader_that_a_sender_waits_for(mesh: Make) -> None:
    assert hindered(mesh, "overflow", "deaf") == [
        "spring has not stopped yet: basin has not taken what it sends at out",
        "did not stop in time, since basin has not taken what it sends at out: SIGTERM",
    ]


@pytest.mark.long
def test_and_the_reader_that_holds_up_one_whose_program_has_ended(mesh: Make) -> None:
    note, *_ = hindered(mesh, "laden", "deaf")
    assert note == "spring has not stopped yet: its program has ended, and basin has not read all that it sent"
