"""The secrets of edges in a running mesh: nobody is told them, and who is started later has the same."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.delivery.durable.test_mesh import end, start
from tests.support.meshes import Make, Mesh, mesh

__all__ = ["mesh"]

pytestmark = pytest.mark.process

VERBS = (("ps", "--format", "json"), ("plan", "--format", "json"), ("env", "sender-0"), ("events", "--format", "json"))


def secret(made: Mesh, process: str) -> str:
    """Read the secret that a process has; nobody else may."""
    path = made.folders.run / "processes" / process / "wiring.json"
    assert path.stat().st_mode & 0o777 == 0o600
    (socket,) = json.loads(path.read_text())["sockets"].values()
    found: str = socket["durable"]["secret"]
    assert len(found) == 64
    return found


@pytest.mark.long
def test_it_outlives_keeper_and_supervisor_and_is_told_to_nobody(mesh: Make, tmp_path: Path) -> None:
    made = start(mesh, tmp_path, senders=2, receivers=1, transport="tcp", pause=0.001)
    before = secret(made, "sender-0")
    assert secret(made, "sender-1") == secret(made, "receiver-0") == before
    assert before not in told(made)
    info = made.info()
    os.kill(info["pid"], signal.SIGSTOP)  # it would start another keeper
    for pid in (info["keeper"], info["pid"]):
        os.kill(pid, signal.SIGKILL)
    made.until(lambda: not {info["keeper"], info["pid"]} & {process.pid for process in made.processes()})
    made.start_detached()
    generation = made.ps()["sender-0"]
    made.kill("sender-0")
    made.until(lambda: made.ps()["sender-0"]["pid"] not in (None, generation["pid"]))
    assert secret(made, "sender-0") == before
    outcome = end(made, tmp_path)
    assert outcome.accepted > 0
    assert outcome.lost == outcome.disorder == outcome.unexplained == []


def told(made: Mesh) -> str:
    """Give what verbs print, what files hold but wirings, and what the kernel shows of the processes."""
    found = []
    for verb in VERBS:
        done = subprocess.run(
            made.command(*verb), cwd=made.folder, env=made.environment, capture_output=True, timeout=60
        )
        assert done.stdout, verb
        found += [done.stdout, done.stderr]
    for path in made.folder.rglob("*"):
        if path.is_file() and path.name != "wiring.json":
            found.append(path.read_bytes())
    for process in made.processes():
        found += [Path(f"/proc/{process.pid}/{name}").read_bytes() for name in ("environ", "cmdline")]
    return b"".join(found).decode(errors="replace")
