"""Processes that do what a process should not."""

from __future__ import annotations

import os
import signal

import psutil
import pytest

from .mesh import Harmed, Make, program

pytestmark = [pytest.mark.process, pytest.mark.long]


def started(make: Make, **more: dict[str, object]) -> Harmed:
    harmed = Harmed(make, **more)
    harmed.mesh.start()
    harmed.mesh.until(lambda: harmed.mesh.events("up"))
    return harmed


def test_one_that_is_stopped_by_a_signal_is_killed_in_the_end_and_named(mesh: Make) -> None:
    stuck = program("programs:clock", {"ticks": "PUB"}, stop={"grace": "300ms"})
    harmed = started(mesh, clock=stuck)
    os.kill(harmed.pid("clock"), signal.SIGSTOP)
    harmed.flows()
    ended = harmed.down()
    assert ended["killed"] == ["clock"]


def test_a_supervisor_that_is_stopped_holds_up_nobody(mesh: Make) -> None:
    harmed = started(mesh)
    supervisor = harmed.pid("supervisor")
    os.kill(supervisor, signal.SIGSTOP)
    harmed.flows()
    harmed.flows()
    os.kill(supervisor, signal.SIGCONT)
    assert harmed.pid("supervisor") == supervisor
    assert harmed.down()["killed"] == []


def test_a_keeper_that_is_stopped_delays_a_restart(mesh: Make) -> None:
    harmed = started(mesh)
    keeper, sink = harmed.pid("keeper"), harmed.pid("sink")
    os.kill(keeper, signal.SIGSTOP)
    os.kill(sink, signal.SIGKILL)
    harmed.mesh.until(lambda: psutil.Process(sink).status() == psutil.STATUS_ZOMBIE)
    os.kill(keeper, signal.SIGCONT)
    harmed.replaced("sink", sink)
    harmed.mesh.until(harmed.mesh.whole)
    assert harmed.pid("keeper") == keeper
    harmed.flows()
    assert harmed.down()["killed"] == []


def test_who_is_left_by_one_that_forks_and_leaves(mesh: Make) -> None:
    gone = {"restart": "never", "critical": False}
    harmed = started(mesh, leaver=program("programs:fork_away", {}) | gone)
    left = harmed.mesh.until(lambda: [int(line.split()[1]) for line in harmed.mesh.said("leaver")])
    harmed.mesh.until(lambda: harmed.state("leaver") == "failed")
    harmed.mesh.until(lambda: not psutil.pid_exists(left[0]))
    harmed.flows()
    harmed.down()
    assert not any(map(psutil.pid_exists, left))


def test_one_that_ignores_sigterm_is_killed_and_named(mesh: Make) -> None:
    deaf = {"command": ["sh", "-c", 'trap "" TERM; while :; do sleep 1; done'], "stop": {"grace": "200ms"}}
    harmed = started(mesh, deaf=deaf)
    assert harmed.down()["killed"] == ["deaf"]


@pytest.mark.parametrize("policy", ["on-failure", "always"])
def test_one_that_is_over_at_once(mesh: Make, policy: str) -> None:
    restart = {"policy": policy, "delay": "10ms", "max_delay": "10ms", "max_attempts": 3}
    harmed = started(mesh, brief=program("programs:leave_at_once", {}) | {"restart": restart, "critical": False})
    harmed.mesh.until(lambda: harmed.state("brief") == ("done" if policy == "on-failure" else "failed"))
    assert len(harmed.mesh.events("started", process="brief")) == (1 if policy == "on-failure" else 4)
    harmed.flows()
    assert harmed.down()["killed"] == []


def test_a_flood_without_a_newline_holds_up_nobody_and_is_bounded(mesh: Make) -> None:
    flood = program("programs:flood", {}, args={"megabytes": 200})
    harmed = started(mesh, flood=flood)
    before = len(harmed.mesh.said("source"))
    harmed.mesh.until(lambda: len(harmed.mesh.said("source")) > before + 200)
    harmed.flows()
    harmed.mesh.until(lambda: harmed.mesh.said("flood")[-1:] == ["flooded"], 60)
    size = sum(file.stat().st_size for file in harmed.mesh.folders.logs.glob("flood.log*"))
    assert size < 31 * 2**20
    assert harmed.down()["killed"] == []


def test_one_without_descriptors_still_hears_a_new_supervisor(mesh: Make) -> None:
    eater = program("programs:exhaust", {"ticks": {"type": "SUB", "subscribe": ""}}, limits={"nofile": 64})
    harmed = started(mesh, held=eater)
    harmed.mesh.until(lambda: harmed.mesh.said("held") == ["EMFILE"])
    pids = harmed.mesh.pids()
    supervisor = harmed.pid("supervisor")
    harmed.kill("supervisor")
    harmed.replaced("supervisor", supervisor)
    harmed.mesh.until(harmed.mesh.whole)
    assert harmed.mesh.pids() == pids
    assert harmed.down()["killed"] == []
