"""A mesh for a test: in folders of its own, with sockets to talk to it, and ended whatever happens."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import zmq

from orchestrator.client import connection
from orchestrator.contract.folders import Folders

COUNTERPARTS = {
    "PUB": zmq.SUB,
    "SUB": zmq.PUB,
    "XPUB": zmq.SUB,
    "XSUB": zmq.PUB,
    "PUSH": zmq.PULL,
    "PULL": zmq.PUSH,
    "REQ": zmq.REP,
    "REP": zmq.REQ,
    "DEALER": zmq.ROUTER,
    "ROUTER": zmq.DEALER,
    "PAIR": zmq.PAIR,
}
"""What a test talks to a socket with, unless it says otherwise."""

WITHIN = 30.0
"""Seconds that a mesh has for its start and its end, unless the test says otherwise."""


class RunningMesh:
    """One mesh under test."""

    def __init__(
        self, file: Path, sets: Mapping[str, Any], profiles: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        # A short path of its own: the kernel allows a socket's 107 bytes.
        self._root = Path(tempfile.mkdtemp(prefix="mesh-"))
        folders = {"XDG_RUNTIME_DIR": str(self._root / "r"), "XDG_STATE_HOME": str(self._root / "s")}
        self._environment = {**os.environ, **environment, **folders, "NO_COLOR": "1"}
        self._folders = Folders(self._root / "r/orchestrator/mesh", self._root / "s/orchestrator/mesh")
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._file = file
        self._flags = [flag for key, value in sets.items() for flag in ("--set", f"{key}={value}")]
        self._flags += [flag for profile in profiles for flag in ("--profile", profile)]

    def start(self, within: float) -> None:
        """Bring it up; fail the test with all that is known where it is not ready in time."""
        done = self._run("up", "-d", "--name", "mesh", "--wait-timeout", f"{within}s", *self._flags, str(self._file))
        if done.returncode == 0:
            # When the tests are killed the mesh drains by itself.
            connection.ask(self._folders.supervisor, {"verb": "own", "pid": os.getpid()})
            return
        said = "\n".join(f"--- {log.stem}\n{text}" for log, text in self._all_logs() if text)
        pytest.fail(f"{self._file} is not up:\n{done.stderr.strip()}\n{said}", pytrace=False)

    def socket(self, end: str, kind: int | None = None, **options: Any) -> zmq.Socket[bytes]:
        """Give a socket of the test's own, connected to what ``process.socket`` binds, of the type that talks to it.

        ``options`` are libzmq's, in lower case. A SUB subscribes to everything unless it is given ``subscribe``, a
        prefix; what is published before its subscription arrives is not for it.
        """
        process, _, name = end.partition(".")
        try:
            wiring = json.loads(self._folders.file(process, "wiring.json").read_bytes())
            declared = wiring["sockets"][name]
        except (OSError, KeyError):
            raise LookupError(f"{end} is no socket of a process that has started") from None
        if not declared["bind"]:
            raise LookupError(f"{end} binds nothing that a test could connect to")
        made = self._context.socket(kind if kind is not None else COUNTERPARTS[declared["type"]])
        made.linger = 0
        if made.type == zmq.SUB:
            made.subscribe(options.pop("subscribe", b""))
        for option, value in options.items():
            made.setsockopt(zmq.SocketOption[option.upper()], value)
        for address in declared["bind"]:
            made.connect(address)
        return made

    def standing_in(self, kind: int, address: str, **options: Any) -> zmq.Socket[bytes]:
        """Give a socket of the test's own that binds an address: that of an ``external`` node."""
        made = self._context.socket(kind)
        made.linger = 0
        for option, value in options.items():
            made.setsockopt(zmq.SocketOption[option.upper()], value)
        made.bind(address)
        return made

    def ps(self) -> dict[str, dict[str, Any]]:
        """Give what ``ps --format json`` says of each process, by name."""
        document = connection.ask(self._folders.supervisor, {"verb": "ps"})
        return {process["name"]: process for process in document["processes"]}

    def log(self, process: str) -> list[str]:
        """Give the lines that a process has written, to standard output and standard error."""
        file = self._folders.logs / f"{process}.log"
        return [line.split(" ", 2)[2] for line in file.read_text().splitlines()] if file.exists() else []

    def kill(self, process: str, number: int = signal.SIGKILL) -> None:
        """Send a signal to a process."""
        os.kill(self.ps()[process]["pid"], number)

    def wait(self, condition: Callable[[], object], within: float = WITHIN) -> None:
        """Wait until something is so; fail the test with all that was written where it is not so in time."""
        until = time.monotonic() + within
        while not condition():
            if time.monotonic() > until:
                said = "\n".join(f"--- {log.stem}\n{text}" for log, text in self._all_logs() if text)
                pytest.fail(f"not within {within:g} s\n{said}", pytrace=False)
            time.sleep(0.01)

    def down(self) -> int:
        """Drain it and give the exit status that ``up`` would have."""
        self._run("down", "-m", "mesh")
        events = [json.loads(line) for line in self._folders.events.read_text().splitlines()]
        return int(next(event["status"] for event in reversed(events) if event["event"] == "ended"))

    def close(self) -> None:
        """End whatever is left of it."""
        self._context.destroy(linger=0)
        if self._folders.run.exists():
            self._run("down", "--now", "-m", "mesh")
        shutil.rmtree(self._root, ignore_errors=True)

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "orchestrator", *arguments],
            cwd=self._file.parent,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="backslashreplace",
        )

    def _all_logs(self) -> list[tuple[Path, str]]:
        logs = sorted(self._folders.logs.glob("*.log")) if self._folders.logs.exists() else []
        return [(log, "\n".join(self.log(log.stem)[-20:])) for log in logs]


class Meshes:
    """Starts meshes, and ends them with the test: the fixture ``mesh``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: list[RunningMesh] = []

    def __call__(
        self,
        file: str | os.PathLike[str],
        *,
        sets: Mapping[str, Any] | None = None,
        profiles: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        within: float = WITHIN,
    ) -> RunningMesh:
        """Bring up the mesh of a file, which is looked for beside the test; wait until it is ready.

        ``sets`` are values of its variables, ``environment`` comes on top of the test's own. Fail the test where it is
        not ready ``within`` so many seconds.
        """
        made = RunningMesh(Path(self._folder, file), sets or {}, profiles, environment or {})
        self._made.append(made)
        made.start(within)
        return made

    def close(self) -> None:
        """End all of them."""
        for each in self._made:
            with contextlib.suppress(OSError):
                each.close()
