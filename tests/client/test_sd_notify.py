"""``up`` as a service: told managers, and as the first process of a container."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.waiting import until

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[2]
UP = [sys.executable, "-m", "orchestrator", "up"]
TOPOLOGY = """\
name: service
nodes:
  feed: {python: "programs:feed", sockets: {ticks: PUB}}
  bot: {python: "programs:bot", sockets: {ticks: {type: SUB, subscribe: ""}}}
edges:
  ticks: {bind: feed.ticks, connect: bot.ticks}
"""
PROGRAMS = """\
import os

def feed(node):
    print(os.environ.get("NOTIFY_SOCKET"), flush=True)
    while not node.stopping.wait(0.01):
        node.socket("ticks").send(b"tick")

def bot(node):
    for _ in node.messages("ticks"):
        pass
"""


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    (tmp_path / "topology.yaml").write_text(TOPOLOGY)
    (tmp_path / "programs.py").write_text(PROGRAMS)
    for name in ("r", "s"):
        (tmp_path / name).mkdir(mode=0o700)
    folders = {"XDG_RUNTIME_DIR": str(tmp_path / "r"), "XDG_STATE_HOME": str(tmp_path / "s")}
    yield os.environ | {"PYTHONPATH": str(ROOT)} | folders
    subprocess.run(
        [*UP[:3], "down", "--now", "service"], env=os.environ | {"PYTHONPATH": str(ROOT)} | folders, capture_output=True
    )


@pytest.mark.parametrize("abstract", [False, True])
def test_a_manager_is_told(tmp_path: Path, environment: dict[str, str], abstract: bool) -> None:
    path = f"\0orchestrator-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(20)
        running = subprocess.Popen(
            UP,
            cwd=tmp_path,
            env=environment | {"NOTIFY_SOCKET": path.replace("\0", "@")},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert manager.recv(4096) == b"READY=1\nSTATUS=service is up"
        running.terminate()
        assert manager.recv(4096) == b"STOPPING=1\nSTATUS=service drains"
        said = running.communicate(timeout=20)[0]
        assert running.returncode == 0
        assert "feed | None" in said  # no node has the manager's socket


def in_a_container(tmp_path: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start ``up`` as the first process of a pid namespace; skip where that is forbidden."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is missing")
    flags = ["--pid", "--fork", "--mount-proc", "--kill-child"] + (
        ["--user", "--map-root-user"] if os.geteuid() else []
    )
    if subprocess.run(["unshare", *flags, "true"], capture_output=True).returncode:
        pytest.skip("pid namespaces are forbidden")
    return subprocess.Popen(
        ["unshare", *flags, *UP], cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def first(running: subprocess.Popen[bytes]) -> psutil.Process:
    until(lambda: psutil.Process(running.pid).children())
    return psutil.Process(running.pid).children()[0]


def events(tmp_path: Path) -> str:
    file = tmp_path / "s/orchestrator/service/events.jsonl"
    return file.read_text() if file.exists() else ""


def test_as_the_first_process_it_drains_in_time(tmp_path: Path, environment: dict[str, str]) -> None:
    running = in_a_container(tmp_path, environment)
    until(lambda: '"event":"up"' in events(tmp_path))
    begin = time.monotonic()
    first(running).send_signal(signal.SIGTERM)  # as docker stop does, which kills ten seconds later
    assert running.wait(10) == 0
    assert time.monotonic() - begin < 10
    assert '"clean":2' in events(tmp_path)


def test_as_the_first_process_it_reaps_those_who_are_left_to_it(tmp_path: Path, environment: dict[str, str]) -> None:
    running = in_a_container(tmp_path, environment)
    until(lambda: '"event":"up"' in events(tmp_path))
    up = first(running)
    keeper = next(each for each in up.children() if "orchestrator.keeper" in each.cmdline())
    keeper.kill()
    until(lambda: "has taken over" in events(tmp_path))
    left = [each for each in up.children() if each.is_running()]
    assert left  # its nodes, and the supervisor
    bots = [each for each in left if "orchestrator.supervisor" not in each.cmdline()]
    for each in bots:
        each.kill()
    until(lambda: not any(psutil.pid_exists(each.pid) for each in bots))
    up.send_signal(signal.SIGTERM)
    assert running.wait(20) in (0, 1)


def test_the_unit_in_the_docs_is_sound(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is missing")
    text = (ROOT / "docs/how-to/run-as-a-service.md").read_text().partition("```ini\n")[2].partition("```")[0]
    program = tmp_path / "orchestrator"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / "market.service"
    unit.write_text(
        text.replace("/opt/market/venv/bin/orchestrator", str(program)).replace("/opt/market", str(tmp_path))
    )
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
