"""Meshes for the tests of what is promised: started by the command line, each in folders of its own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest

import orchestrator
from orchestrator.client import connection
from orchestrator.client.status import status
from orchestrator.contract.folders import Folders
from orchestrator.control import verbs
from tests.support.waiting import until

HERE = Path(__file__).parent
ROOT = Path(orchestrator.__file__).parent.parent
NAME = "mesh"

Result = TypeVar("Result")


def node(python: str, sockets: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Declare a node whose program stands in this folder."""
    return {"python": python, "working_dir": str(HERE), "sockets": sockets, **more}


def edge(bind: str, connect: str, transport: str = "ipc", *, turned: bool = False, **more: Any) -> dict[str, Any]:
    """Declare an edge; ``turned`` has the sides change places."""
    bind, connect = (connect, bind) if turned else (bind, connect)
    return {"bind": bind, "connect": connect, "transport": transport, **more}


class Mesh:
    """One mesh: its topology in a file, its client if it has one, and what is to be seen of it."""

    def __init__(self, nodes: dict[str, Any], edges: dict[str, Any], environment: dict[str, str] | None = None) -> None:
        # A short path: the kernel allows a socket's 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="promise-"))
        self.folders = Folders(self.folder / "run/orchestrator" / NAME, self.folder / "state/orchestrator" / NAME)
        self.file = self.folder / "topology.yaml"
        self.write(nodes, edges)
        self.environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "NO_COLOR": "1",
            **(environment or {}),
        }
        self.client: subprocess.Popen[bytes] | None = None

    def write(self, nodes: dict[str, Any], edges: dict[str, Any]) -> None:
        """Write the topology: JSON is YAML."""
        self.file.write_text(json.dumps({"name": NAME, "nodes": nodes, "edges": edges}, indent=1))

    # ---- starting and ending

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "orchestrator", *arguments]

    def start(self) -> subprocess.Popen[bytes]:
        """Start it by an attached ``up``."""
        with (self.folder / "client.txt").open("wb") as output:
            self.client = subprocess.Popen(
                self.command("up", str(self.file)),
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        return self.client

    def start_detached(self) -> None:
        """Start it by ``up -d``, which returns once all is ready."""
        done = subprocess.run(
            self.command("up", "-d", str(self.file)),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr.decode()

    def run(self, *arguments: str) -> str:
        """Run a command on it to its end; give what it says."""
        done = subprocess.run(
            self.command(arguments[0], "-m", NAME, *arguments[1:]),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
        return (done.stdout + done.stderr).decode()

    def down(self) -> None:
        """Ask for a drain."""
        self.ask({"verb": "down", "now": False, "grace": None})

    def kill(self, process: str) -> None:
        """Kill a process of the mesh."""
        pid = self.pids()[process]
        assert pid
        os.kill(pid, signal.SIGKILL)

    def ended(self, within: float = 30) -> dict[str, Any]:
        """Wait until it has ended and its keeper and client are gone; give the event."""
        ended = self.wait_for("ended", within)[-1]
        self.until(lambda: not self.folders.run.exists(), 10)
        if self.client is not None:
            self.client.wait(10)
        return ended

    def close(self) -> None:
        """End whatever is left of it."""
        self.until(self._killed, 10)
        if self.client is not None:
            self.client.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _killed(self) -> bool:
        # More than once: a keeper may be starting others meanwhile.
        left = self.processes()
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        return not left

    # ---- looking

    def until(self, condition: Callable[[], Result], within: float = 15) -> Result:
        return until(condition, within, self.account)

    def ask(self, request: dict[str, Any]) -> Any:
        """Ask the supervisor; one that is being started anew is waited for."""
        return self._answer(lambda: connection.ask(self.folders.supervisor, verbs.decode(request), 5))

    def _answer(self, ask: Callable[[], Any]) -> Any:
        def answer() -> Any:
            with contextlib.suppress(connection.Unreachable):
                return ask()
            return None

        return self.until(answer)

    def info(self) -> dict[str, Any]:
        found: dict[str, Any] = self.ask({"verb": "info"})
        return found

    def ps(self) -> dict[str, dict[str, Any]]:
        """Give the processes of ``ps`` by name."""
        return {process["name"]: process for process in self._answer(lambda: status(self.folders, 5))["processes"]}

    def pids(self) -> dict[str, int | None]:
        return {name: process["pid"] for name, process in self.ps().items()}

    def whole(self) -> bool:
        """Tell whether each process is ready and each declared link is up."""
        return all(
            process["state"] == "ready" and all(link["up"] == link["declared"] for link in process["links"].values())
            for process in self.ps().values()
        )

    def events(self, kind: str, **values: Any) -> list[dict[str, Any]]:
        try:
            lines = self.folders.events.read_bytes().splitlines(keepends=True)
        except FileNotFoundError:
            return []
        found = [json.loads(line) for line in lines if line.endswith(b"\n")]
        return [each for each in found if each["event"] == kind and values.items() <= each.items()]

    def wait_for(self, kind: str, within: float = 15, **values: Any) -> list[dict[str, Any]]:
        return self.until(lambda: self.events(kind, **values), within)

    def said(self, process: str) -> list[str]:
        """Give what a process wrote to standard output, in whole lines."""
        try:
            lines = (self.folders.logs / f"{process}.log").read_text().splitlines(keepends=True)
        except FileNotFoundError:
            return []
        stamped = [line.rstrip("\n").split(" ", 2) for line in lines if line.endswith("\n")]
        return [text for _, stream, text in stamped if stream == "o"]

    def text(self, process: str) -> str:
        """Give all that a process wrote, to standard output and error."""
        return (self.folders.logs / f"{process}.log").read_text()

    def last(self, process: str) -> str:
        """Give the last line that a process wrote."""
        said = self.said(process)
        assert said, self.account()
        return said[-1]

    def processes(self) -> list[psutil.Process]:
        """Find all processes on this machine that come from this mesh, by its folder in their environment."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        with contextlib.suppress(psutil.Error):
            return process.environ().get("XDG_RUNTIME_DIR") == self.environment["XDG_RUNTIME_DIR"]
        return False

    def account(self) -> str:
        """Tell what is known, for whoever has to find out why a test failed."""
        parts = []
        for path in (self.folder / "client.txt", self.folders.state / "keeper.log", self.folders.events):
            with contextlib.suppress(OSError):
                parts.append(f"--- {path.name}\n" + "\n".join(path.read_text().splitlines()[-25:]))
        with contextlib.suppress(connection.Unreachable, connection.Refused):
            for each in status(self.folders, 2)["processes"]:
                parts.append(f"{each['name']} {each['state']} {each['pid']} {each['links']}")
        return "\n".join(parts)


Make = Callable[..., Mesh]
"""Make a mesh from its nodes, its edges and variables on top of the environment."""


@pytest.fixture
def mesh() -> Iterator[Make]:
    """Make meshes that are ended with the test, whatever happens."""
    made: list[Mesh] = []

    def make(nodes: dict[str, Any], edges: dict[str, Any], environment: dict[str, str] | None = None) -> Mesh:
        made.append(Mesh(nodes, edges, environment))
        return made[-1]

    yield make
    for each in made:
        each.close()
