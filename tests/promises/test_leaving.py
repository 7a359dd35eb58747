"""A process is shown as what it is: one whose program has ended, and one that a signal has stopped."""

from __future__ import annotations

import os
import signal

import pytest

from .conftest import Make
from .meshes import edge, node

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
