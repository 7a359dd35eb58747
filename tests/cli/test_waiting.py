"""``wait --ready`` and ``wait --exit``."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.client import meshes
from orchestrator.client.past_runs import Past
from tests.support.waiting import until

from .conftest import command, orchestrator

pytestmark = pytest.mark.process

PROGRAMS = """\
import os, sys, time

def until(node, name, status=0):
    while not os.path.exists(name) and not node.stopping:
        time.sleep(0.01)
    if os.path.exists(name):
        sys.exit(status)
"""
MESH = """\
name: waits
nodes:
  one: {python: "programs:until", kind: job, args: {name: first}}
  two: {python: "programs:until", restart: never, args: {name: second, status: 5}}
  late: {command: sleep 1000, ready: notify, stop: {grace: 100ms}}
  hand: {python: "programs:until", start: manual, args: {name: third}}
"""

Waiting = subprocess.Popen[str]


@pytest.fixture
def mesh(home: Path) -> Iterator[Path]:
    """A mesh of which one process is not ready; nothing is left of it after the test."""
    Path("topology.yaml").write_text(MESH)
    Path("programs.py").write_text(PROGRAMS)
    starting = orchestrator("up", "-d", "--wait-timeout", "1ms")
    assert starting.returncode == 1, starting.stderr
    yield home
    if meshes.running():
        orchestrator("down", "--now", "waits")
    until(lambda: not meshes.running())


def waiting(*arguments: str) -> Waiting:
    return subprocess.Popen(command("wait", *arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(of: Waiting) -> tuple[int, str, list[str]]:
    """Give the exit status of a command, and what it said, without the times."""
    out, notes = of.communicate(timeout=30)
    return of.returncode, out, [re.sub(r"; \d+\.\d\d s$", "", line) for line in notes.splitlines()]


def test_until_some_are_ready_and_all_but_who_is_started_by_hand(mesh: Path) -> None:
    assert ended(waiting("--ready", "one", "two")) == (0, "", ["one: ready", "two: ready"])
    late = ended(waiting("--ready", "--timeout", "100ms"))
    assert late == (1, "", ["waits: not ready after 0.1 s: late"])
    several = waiting("--ready", "one", "two", "late", "--format", "json")
    Path("second").touch()
    assert orchestrator("stop", "late").returncode == 0
    status, out, told = ended(several)
    assert (status, told) == (1, ["one: ready", "two: failed, exited with status 5", "late: stopped"])
    assert [each["state"] for each in json.loads(out)["processes"]] == ["ready", "failed", "stopped"]


def test_until_processes_have_ended(mesh: Path) -> None:
    one = waiting("--exit", "one")
    both = waiting("--exit", "one", "two", "--format", "json")
    Path("first").touch()
    assert ended(one) == (0, "", ["one: done"])
    assert both.poll() is None
    Path("second").touch()
    status, out, told = ended(both)
    assert (status, told) == (5, ["one: done", "two: failed, exited with status 5"])
    assert [each["status"] for each in json.loads(out)["processes"]] == [0, 5]


def test_until_the_mesh_has_ended_and_afterwards(mesh: Path) -> None:
    whole, one = waiting("--exit"), waiting("--exit", "one")
    Path("second").touch()
    until(lambda: orchestrator("wait", "--exit", "two").returncode == 5)
    assert ended(waiting("--exit", "--timeout", "10ms")) == (1, "", ["waits: not over after 0.01 s: the mesh goes on"])
    assert orchestrator("down", "waits").returncode == 0
    assert ended(whole) == (1, "", ["waits: failed"])
    assert ended(one) == (0, "", ["one: stopped"])
    assert ended(waiting("--exit")) == (1, "", ["waits: failed"])
    assert ended(waiting("--exit", "two")) == (5, "", ["two: failed, exited with status 5"])
    assert ended(waiting("--ready"))[2] == ["waits is not running; none runs"]


def test_the_past_forgets_the_run_before() -> None:
    past = Past()
    exited = {"time": 1.0, "event": "exited", "process": "a", "generation": 1, "status": 3, "reason": ["x", "y"]}
    exited |= {"stopping": False}
    past.tell([{**exited, "will": "failed"}, {"time": 2.0, "event": "ended", "status": 1, "killed": ["a"]}])  # type: ignore[list-item,typeddict-item]
    assert past.ended is not None
    [(name, outcome)] = past.outcomes.items()
    assert (name, outcome["state"], outcome["status"], outcome["reason"]) == ("a", "failed", 3, "y")
    assert (outcome["stopping"], outcome["killed"]) == (False, True)
    past.tell([{"time": 3.0, "event": "begin"}])  # type: ignore[list-item,typeddict-item]
    assert (past.ended, past.outcomes) == (None, {})
