"""kill -9 of each role in each phase: before its gate, in the gate, running, draining."""

from __future__ import annotations

import pytest

from .mesh import Harmed, Make

pytestmark = [pytest.mark.process, pytest.mark.long]

ROLES = ("client", "keeper", "supervisor", "process")


@pytest.fixture
def harmed(mesh: Make) -> Harmed:
    return Harmed(mesh)


def killed(harmed: Harmed, role: str, process: str) -> None:
    """Kill, and wait until somebody is in the victim's place."""
    victim = process if role == "process" else role
    before = harmed.pid(victim)
    harmed.kill(victim)
    if role == "client":
        harmed.mesh.wait_for("draining")
    else:
        harmed.replaced(victim, before)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("phase", ["starting", "gate"])
def test_before_the_gate_opens(harmed: Harmed, phase: str, role: str) -> None:
    harmed.loading.touch()
    harmed.mesh.start()
    harmed.mesh.until(lambda: harmed.state("sink") == "connected" and harmed.state("held") == "starting")
    killed(harmed, role, "held" if phase == "starting" else "clock")
    harmed.loading.unlink()
    if role != "client":
        harmed.mesh.until(harmed.mesh.whole)
        harmed.flows()
        assert harmed.down()["killed"] == []
    else:
        harmed.gone()


@pytest.mark.parametrize("role", ROLES)
def test_running(harmed: Harmed, role: str) -> None:
    harmed.mesh.start()
    harmed.mesh.until(harmed.mesh.whole)
    before = harmed.mesh.pids()
    killed(harmed, role, "sink")
    if role == "client":
        assert harmed.gone()["killed"] == []
        return
    harmed.mesh.until(harmed.mesh.whole)
    after = harmed.mesh.pids()
    assert {name for name in before if before[name] != after[name]} == ({"sink"} if role == "process" else set())
    harmed.flows()
    assert harmed.down()["killed"] == []


@pytest.mark.parametrize("role", ROLES)
def test_draining(harmed: Harmed, role: str) -> None:
    harmed.ending.touch()
    harmed.mesh.start()
    harmed.mesh.until(harmed.mesh.whole)
    harmed.mesh.down()
    harmed.mesh.until(lambda: harmed.state("held") == "draining" and harmed.state("sink") == "stopped")
    victim = "held" if role == "process" else role
    before = harmed.pid(victim)
    harmed.kill(victim)
    if role in ("keeper", "supervisor"):
        harmed.replaced(victim, before)
        assert harmed.state("held") == "draining"
    harmed.ending.unlink()
    assert harmed.gone()["killed"] == []
    assert len(harmed.mesh.events("started", process="held")) == 1
