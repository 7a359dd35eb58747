"""Run a mesh by the command line, in folders of its own."""

from __future__ import annotations

import json
import os
import random
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.topologies.programs import ROOT, TOPOLOGIES

COMMAND = (sys.executable, "-m", "orchestrator")


@dataclass(frozen=True)
class Said:
    """What a run of ``up`` printed: its progress, and the lines of each process in their order."""

    status: int
    progress: str
    lines: list[tuple[str, str]]

    def by(self, process: str) -> list[str]:
        return [text for name, text in self.lines if name == process]


@dataclass(frozen=True)
class Machine:
    """A place for run and state folders, so that no other mesh is met. ``run`` is short: sockets are in it."""

    run: Path
    state: Path

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "PYTHONPATH": str(ROOT),
            "XDG_RUNTIME_DIR": str(self.run),
            "XDG_STATE_HOME": str(self.state),
            "NO_COLOR": "1",
        }

    @contextmanager
    def start(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        with subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            except BaseException:
                process.terminate()  # or it would be waited for
                raise

    def up(self, *arguments: str, timeout: float = 100) -> Said:
        with self.start("up", *arguments) as process:
            return finish(process, timeout)

    def processes(self) -> dict[str, dict[str, Any]]:
        """Ask ``ps`` of the one mesh that runs here; empty where none does yet."""
        said = subprocess.run(
            [*COMMAND, "ps", "--format", "json"],
            cwd=self.state, env=self.environment, capture_output=True, text=True,
        )  # fmt: skip
        found = json.loads(said.stdout)["processes"] if said.returncode == 0 else []
        return {process["name"]: process for process in found}

    def readme(self, topology: str, *arguments: str) -> Said:
        """Run the first command of a topology's README."""
        command = re.search(
            r"^```\n(orchestrator up .*)\n```$", (TOPOLOGIES / topology / "README.md").read_text(), re.M
        )
        assert command is not None
        return self.up(*shlex.split(command[1])[2:], *arguments)

    def down(self, mesh: str) -> None:
        subprocess.run([*COMMAND, "down", "-m", mesh], cwd=self.state, env=self.environment, check=True)

    def meshes(self) -> list[str]:
        """Name the meshes whose run folder is there."""
        folder = self.run / "orchestrator"
        return [each.name for each in folder.iterdir()] if folder.exists() else []


def finish(process: subprocess.Popen[str], timeout: float) -> Said:
    """Wait for a run of ``up``; ask it to end where it takes too long."""
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.terminate()
        out, err = process.communicate(timeout=30)
    lines = [line.split("| ", 1) for line in out.splitlines() if "| " in line]
    return Said(process.returncode, err, [(name.strip(), text) for name, text in lines])


def ended_well(said: Said, machine: Machine) -> None:
    assert said.status == 0, said.progress
    assert machine.meshes() == []


def wait(process: subprocess.Popen[str], condition: Callable[[], bool]) -> None:
    """Wait for a condition, as long as a run of ``up`` goes on."""
    while not condition():
        assert process.poll() is None, finish(process, 10)


def free_ports(count: int) -> int:
    """Find so many free tcp ports in a row, below those that the kernel gives away; give the first of them."""
    while True:
        first = random.randrange(20000, 30000)
        with ExitStack() as sockets:
            try:
                for port in range(first, first + count):
                    sockets.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
        return first
