"""Processes that do nothing any more, and those that only seem so, under a real keeper and supervisor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.plan.model import Live, Probe
from tests.support.waiting import until

from .meshes import Mesh, alone

pytestmark = pytest.mark.process

QUICK = Live(interval=0.2, timeout=0.4, retries=2)


def test_a_process_in_a_long_call_is_started_anew(mesh: Mesh, tmp_path: Path) -> None:
    mesh.start(alone("busy", live=QUICK, env={"ONCE": str(tmp_path / "once")}))
    until(lambda: mesh.log("one")[-1:] == ["idle"], why=mesh.text)
    [killed] = mesh.events("killed")
    assert killed["process"] == "one"
    assert "has not answered for" in killed["text"]
    assert mesh.log("one") == ["busy", "busy", "idle"]
    assert mesh.down() == 0


def test_before_that_it_is_shown(mesh: Mesh, tmp_path: Path) -> None:
    patient = replace(QUICK, timeout=60.0)
    mesh.start(alone("busy", live=patient, env={"ONCE": str(tmp_path / "once")}))
    until(lambda: mesh.processes()["one"]["state"] == "unresponsive", why=mesh.text)
    assert mesh.events("killed") == []
    mesh.down(now=True)


def test_one_that_waits_in_poll_is_left_alone(mesh: Mesh) -> None:
    mesh.start(alone("polling", live=QUICK))
    # A signal at every look would let the 2.5 seconds begin anew each time.
    until(lambda: mesh.log("one") == ["timed out"], why=mesh.text)
    assert mesh.events("killed") == []
    assert mesh.down() == 0


def test_one_that_computes_answers(mesh: Mesh, tmp_path: Path) -> None:
    mesh.start(alone("counting", live=QUICK))
    mesh.up()
    mesh.ask("info")
    until(lambda: mesh.processes()["one"]["uptime"] > 3, why=mesh.text)
    assert mesh.processes()["one"]["state"] == "ready"
    assert mesh.events("killed") == []
    assert mesh.down() == 0


def test_a_command_says_that_it_does_not_live(mesh: Mesh, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    flag.touch()
    plan = alone("one", live=QUICK)
    probe = Probe(command=("test", "-e", str(flag)))
    mesh.start(replace(plan, processes=tuple(replace(each, live=probe) for each in plan.processes)))
    mesh.up()
    flag.unlink()
    until(lambda: mesh.events("killed"), why=mesh.text)
    flag.touch()
    until(lambda: len(mesh.events("ready")) == 2, why=mesh.text)
    assert mesh.down() == 0


@pytest.mark.long
def test_a_long_call_is_shown_without_live_and_not_touched(mesh: Mesh, tmp_path: Path) -> None:
    mesh.start(alone("busy", env={"ONCE": str(tmp_path / "once")}))
    until(lambda: mesh.processes()["one"]["state"] == "unresponsive", why=mesh.text)
    assert mesh.events("killed") == []
    mesh.down(now=True)
