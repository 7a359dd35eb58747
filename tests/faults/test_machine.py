"""What happens around a mesh: clocks, ports, folders, many restarts, two who start it at once."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from .mesh import Harmed, Make, program

pytestmark = [pytest.mark.process, pytest.mark.long]


@pytest.fixture(scope="module")
def step(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Compile a library that steps the wall clock of who loads it: the machine's own is everybody's."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not there")
    library = tmp_path_factory.mktemp("step") / "step.so"
    source = Path(__file__).with_name("step.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source], check=True)
    return str(library)


@pytest.mark.parametrize("seconds", [-3600, 86400])
def test_a_clock_that_is_stepped(mesh: Make, step: str, seconds: int) -> None:
    harmed = Harmed(mesh)
    steps = harmed.mesh.folder / "step"
    steps.write_text("0")
    harmed.mesh.environment |= {"LD_PRELOAD": step, "CLOCK_STEP": str(steps)}
    harmed.mesh.start()
    harmed.mesh.until(harmed.mesh.whole)
    pids = harmed.mesh.pids()
    steps.write_text(str(seconds))
    harmed.flows()
    harmed.kill("sink")
    harmed.replaced("sink", pids["sink"] or 0)
    harmed.mesh.until(harmed.mesh.whole)
    [exited] = harmed.mesh.events("exited", process="sink")
    assert abs(exited["time"] - time.time() - seconds) < 60  # else the clock was not stepped
    supervisor = harmed.pid("supervisor")
    harmed.kill("supervisor")
    harmed.replaced("supervisor", supervisor)
    harmed.mesh.until(harmed.mesh.whole)
    assert {name for name, pid in harmed.mesh.pids().items() if pid != pids[name]} == {"sink"}
    assert 0 < harmed.mesh.ps()["source"]["uptime"] < 60
    harmed.flows()
    assert harmed.down()["killed"] == []


def test_a_run_folder_that_is_deleted(mesh: Make) -> None:
    harmed = Harmed(mesh)
    harmed.mesh.start()
    harmed.mesh.until(harmed.mesh.whole)
    supervisor = harmed.pid("supervisor")
    shutil.rmtree(harmed.mesh.folders.run)
    harmed.flows()
    os.kill(supervisor, signal.SIGTERM)
    harmed.mesh.wait_for("ended")
    harmed.mesh.until(lambda: not harmed.mesh.processes())


def test_a_port_that_is_taken_is_named_and_nothing_is_left(mesh: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        harmed = Harmed(mesh)
        harmed.mesh.write(
            {
                "clock": program("programs:clock", {"ticks": "PUB"}),
                "sink": program("programs:clock", {"ticks": {"type": "SUB", "subscribe": ""}}),
            },
            {"ticks": {"bind": "clock.ticks", "connect": "sink.ticks", "endpoint": f"tcp://127.0.0.1:{port}"}},
        )
        assert harmed.mesh.start().wait(20) == 2
        said = (harmed.mesh.folder / "client.txt").read_text()
        assert f"tcp://127.0.0.1:{port}" in said
        assert "expected a free address" in said
        assert "Traceback" not in said
    harmed.mesh.until(lambda: not harmed.mesh.processes())


@pytest.mark.timeout(300)
def test_a_thousand_restarts_in_a_row(mesh: Make) -> None:
    policy = {"policy": "always", "delay": "0s", "max_delay": "0s", "max_attempts": "unlimited"}
    harmed = Harmed(mesh, brief=program("programs:leave_at_once", {}) | {"restart": policy})
    harmed.mesh.start()
    harmed.mesh.until(lambda: harmed.mesh.ps()["brief"]["restarts"] >= 50, 60)
    keeper, supervisor = (psutil.Process(harmed.pid(role)) for role in ("keeper", "supervisor"))
    before = [(each.num_fds(), each.memory_full_info().uss) for each in (keeper, supervisor)]
    harmed.mesh.until(lambda: harmed.mesh.ps()["brief"]["restarts"] >= 1050, 200)
    harmed.flows()
    for each, (descriptors, memory) in zip((keeper, supervisor), before, strict=True):
        assert each.is_running()
        assert each.num_fds() <= descriptors + 8  # some are of the one that lives just now
        assert each.memory_full_info().uss < memory + 4 * 2**20
    assert harmed.down()["killed"] == []


def test_two_that_start_it_at_once(mesh: Make) -> None:
    harmed = Harmed(mesh)
    for _ in range(5):
        both = [
            subprocess.Popen(
                harmed.mesh.command("up", "-d", str(harmed.mesh.file)),
                env=harmed.mesh.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            for _ in range(2)
        ]
        said = [each.communicate(timeout=60)[0].decode() for each in both]
        assert 0 in [each.returncode for each in both], said
        assert {each.returncode for each in both} <= {0, 2}, said
        assert not any("Traceback" in each for each in said), said
        harmed.mesh.until(harmed.mesh.whole)
        harmed.flows()
        ours = harmed.mesh.processes()
        assert len(ours) == 6, ours  # keeper, supervisor, four nodes
        harmed.down()
        harmed.mesh.folders.events.unlink()
