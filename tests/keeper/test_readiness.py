"""Processes that are ready when somebody else says so, under a real keeper and supervisor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchestrator.plan.model import Plan, Probe, Readiness, Ready, Restart
from tests.support.waiting import until

from .meshes import Mesh, alone, python

pytestmark = pytest.mark.process


def asked(how: Readiness, probe: Probe, within: float = 60.0, **changed: Any) -> Plan:
    made = alone(ready=Ready(how, within, interval=0.02), restart=Restart("never"), **changed)
    return replace(made, processes=tuple(replace(each, ready=probe) for each in made.processes))


def test_ready_by_a_command(mesh: Mesh, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    mesh.start(asked("command", Probe(command=("test", "-e", str(flag)))))
    until(lambda: mesh.log("one"), why=mesh.text)  # its program runs
    assert mesh.events("ready") == []
    flag.touch()
    mesh.up()
    assert [event["process"] for event in mesh.events("ready")] == ["one"]
    assert mesh.down() == 0


def test_ready_by_a_text_in_what_it_prints(mesh: Mesh) -> None:
    script = "import time; print('booting', flush=True); print('listening on 80', flush=True); time.sleep(1000)"
    mesh.start(asked("log", Probe(log="^listening on [0-9]+$"), command=python("-c", script), library=False))
    mesh.up()
    assert mesh.log("one") == ["booting", "listening on 80"]
    assert mesh.down() == 0


def test_who_never_prints_it_is_ended_in_time(mesh: Mesh) -> None:
    mesh.start(asked("log", Probe(log="never"), within=0.5, command=("sleep", "1000"), library=False))
    until(lambda: mesh.events("exited"), why=mesh.text)
    assert any("one is not ready within 0.5 s" in event["text"] for event in mesh.events("note"))


def test_a_pattern_that_explodes_stalls_nobody(mesh: Mesh) -> None:
    script = "import time; print('a' * 64 + 'b', flush=True); time.sleep(1000)"
    mesh.start(asked("log", Probe(log="(a+)+$"), within=2, command=python("-c", script), library=False))
    until(lambda: any("takes too long" in event["text"] for event in mesh.events("note")), why=mesh.text)
    assert mesh.ask("info")["mesh"]
    until(lambda: mesh.events("exited"), why=mesh.text)
