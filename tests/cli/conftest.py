from __future__ import annotations

import fcntl
import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from control.conftest import serving

from orchestrator.contract import folders
from orchestrator.contract.folders import Folders
from orchestrator.control.messages import Message
from orchestrator.plan import model

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """Collect garbage again after a verb that was called in this process and switched that off for good."""
    yield
    gc.enable()


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A user without meshes, in a folder of its own."""
    home = tmp_path_factory.mktemp("h")
    (home / "work").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home / "r"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "s"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for name in ("ORCHESTRATOR_FILE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(home / "work")
    return home


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "orchestrator", *arguments]


def orchestrator(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, as a user does."""
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=60, **options)


def drains(mesh: str, process: str) -> bool:
    """Say whether a process was told to stop, by what is saved of it: ps may show that it is suspended instead."""
    lines = folders.of(mesh).journal.read_text().splitlines()
    return [line["state"] for line in map(json.loads, lines) if line.get("name") == process][-1:] == ["draining"]


def plan(mesh: str, *processes: str) -> model.Plan:
    """A plan whose processes have names like bot-3."""
    nodes: dict[str, list[str]] = {}
    for name in processes:
        nodes.setdefault(name.partition("-")[0], []).append(name)
    return model.Plan(
        mesh=mesh,
        files=("topology.yaml",),
        nodes=tuple(
            model.Node(
                node, f"{node}:main", "", (), True, "service", False, model.Restart(), model.Ready(), model.Stop(), {},
                tuple(members),
            )
            for node, members in nodes.items()
        ),
        processes=tuple(
            model.Process(name, node, number, len(members), None, model.LOCAL, (), {}, {}, "/", None, ())
            for node, members in nodes.items()
            for number, name in enumerate(members)
        ),
        endpoints=(),
        edges=(),
        waves=(tuple(nodes),),
        drain=(),
        logs=model.Logs(),
    )  # fmt: skip


class Mesh:
    """A mesh with a stand-in supervisor: a real control socket, files that the test writes, a lock that it holds."""

    def __init__(self, name: str, *processes: str) -> None:
        self.of: Folders = folders.of(name)
        folders.make(self.of)
        self.of.plan.write_bytes(model.dump(plan(name, *processes)))
        self.asked: list[Message] = []
        self.answers: dict[str, Any] = {
            "info": {
                "mesh": name,
                "files": ["topology.yaml"],
                "state": "up",
                "pid": 1,
                "keeper": 2,
                "plan": "",
                "since": time.time(),
                "problem": "",
            }
        }
        self.then: Callable[[Message], None] = lambda request: None

    def answer(self, request: Message) -> Message:
        self.asked.append(request)
        if request["verb"] not in self.answers:
            return {"error": f"no {request['verb']} now"}
        self.then(request)
        return {"ok": self.answers[request["verb"]]}

    def event(self, kind: str, at: float = 1.0, **values: Any) -> None:
        with open(self.of.events, "a") as file:
            file.write(json.dumps({"time": at, "event": kind, **values}) + "\n")

    def log(self, process: str, at: float, text: str, stream: str = "o") -> None:
        with open(self.of.logs / f"{process}.log", "a") as file:
            file.write(f"{at:.6f} {stream} {text}\n")

    def leave(self) -> None:
        """Let go of what shows that the mesh runs."""
        self.lock.close()
        Path(self.of.supervisor).unlink(missing_ok=True)

    @contextmanager
    def running(self) -> Iterator[Mesh]:
        self.lock = open(self.of.lock, "w")  # noqa: SIM115 - held until the keeper would leave
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        try:
            with serving(Path(self.of.supervisor), self.answer):
                yield self
        finally:
            self.leave()
