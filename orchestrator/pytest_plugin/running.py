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
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import zmq

from orchestrator.client import Mesh
from orchestrator.contract.folders import Folders
from orchestrator.errors import OrchestratorError
from orchestrator.pytest_plugin.addresses import FreeAddresses

COUNTERPARTS = {
    "PUB": "SUB",
    "SUB": "PUB",
    "XPUB": "SUB",
    "XSUB": "PUB",
    "PUSH": "PULL",
    "PULL": "PUSH",
    "REQ": "REP",
    "REP": "REQ",
    "DEALER": "ROUTER",
    "ROUTER": "DEALER",
    "PAIR": "PAIR",
}
"""What a test talks to a socket with, unless it says otherwise."""

FEEDS = frozenset({zmq.PUSH, zmq.PUB, zmq.XPUB, zmq.REQ, zmq.DEALER})
"""What a test feeds a mesh with: as long as it is there, who reads it does not run dry in a drain."""

LINGER = 1000
"""Milliseconds in which what the test has sent may still arrive at a mesh that is about to drain."""

WITHIN = 30.0
"""Seconds that a mesh has for its start and its end, unless the test says otherwise."""


class RunningMesh:
    """One mesh under test."""

    def __init__(
        self, files: Sequence[Path], sets: Mapping[str, Any], profiles: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        # A short path of its own: the kernel allows a socket's 107 bytes.
        self._root = Path(tempfile.mkdtemp(prefix="mesh-"))
        folders = {"XDG_RUNTIME_DIR": str(self._root / "r"), "XDG_STATE_HOME": str(self._root / "s")}
        self._environment = {**os.environ, **environment, **folders, "NO_COLOR": "1"}
        self._folders = Folders(self._root / "r/orchestrator/mesh", self._root / "s/orchestrator/mesh")
        self._mesh = Mesh("mesh", self._folders)
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._made: list[zmq.Socket[bytes]] = []
        self._addresses = FreeAddresses(self._root)
        self._files = list(files)
        self._sets = [flag for key, value in sets.items() for flag in ("--set", f"{key}={value}")]
        self._profiles = [flag for profile in profiles for flag in ("--profile", profile)]

    def start(self, within: float, *, free_addresses: bool) -> None:
        """Bring it up; fail the test with all that is known where it is not ready in time."""
        if free_addresses:
            topology = self._run("config", "--format", "json", *self._sets, *self._named())
            # Whatever is wrong with the files, up tells.
            overlay = self._addresses.overlay(json.loads(topology.stdout)) if topology.returncode == 0 else None
            self._files += [overlay] if overlay else []
        flags = ("--name", "mesh", "--wait-timeout", f"{within}s", *self._sets, *self._profiles)
        done = self._run("up", "-d", *flags, *self._named())
        if done.returncode == 0:
            self._mesh.own()  # when the tests are killed the mesh drains by itself
            return
        pytest.fail(f"{self._files[0]} is not up:\n{done.stderr.strip()}\n{self._said()}", pytrace=False)

    def socket(self, end: str, kind: str | int | None = None, **options: Any) -> zmq.Socket[bytes]:
        """Return a socket of the test's own, connected to what ``process.socket`` binds, of the type that talks to it.

        ``kind`` is another type, as ``"SUB"``; ``options`` are libzmq's, in lower case. A SUB subscribes to everything
        unless it is given ``subscribe``, a prefix; what is published before its subscription arrives is not for it.
        """
        process, _, name = end.partition(".")
        try:
            wiring = json.loads(self._folders.file(process, "wiring.json").read_bytes())
            declared = wiring["sockets"][name]
        except (OSError, KeyError):
            raise LookupError(f"{end} is no socket of a process that has started") from None
        if not declared["bind"]:
            raise LookupError(f"{end} binds nothing that a test could connect to")
        if added := [kind for kind in ("batch", "retry", "durable", "replay") if declared.get(kind) is not None]:
            edge = declared["edges"][0]
            raise LookupError(
                f"{end}: plain messages are dropped on an edge with {added[0]}; "
                f"overlay it for the test: edges: {{{edge}: {{delivery: null, batch: null}}}}"
            )
        made = self._socket(COUNTERPARTS[declared["type"]] if kind is None else kind, options)
        for address in declared["bind"]:
            made.connect(address)
        return made

    def standing_in(self, end: str, **options: Any) -> zmq.Socket[bytes]:
        """Return a socket of the test's own in the place of one of an ``external`` node, ``node.socket``.

        It has that one's type, and binds or connects what that one does on all its edges; ``options`` as in ``socket``.
        """
        edges = list(self._external(end))
        if not edges:
            raise LookupError(f"{end} is no socket of an external node")
        made = self._socket(edges[0][0], options)
        for _, binds, addresses in edges:
            for address in addresses:
                (made.bind if binds else made.connect)(address)
        return made

    def address(self, end: str) -> str:
        """Return the first address that a socket of an ``external`` node, ``node.socket``, binds or connects to."""
        for _, _, addresses in self._external(end):
            return addresses[0]
        raise LookupError(f"{end} is no socket of an external node")

    def ps(self) -> dict[str, dict[str, Any]]:
        """Return what ``ps --format json`` says of each process, by name."""
        return {process["name"]: {**process} for process in self._mesh.ps()["processes"]}

    def log(self, process: str) -> list[str]:
        """Return the lines that a process has written, to standard output and standard error."""
        return [record.text for record in self._mesh.logs(process)]

    def kill(self, process: str, number: int = signal.SIGKILL) -> None:
        """Send a signal to a process."""
        self._mesh.kill(process, signal=signal.Signals(number).name.removeprefix("SIG"))

    def wait(self, condition: Callable[[], object], within: float = WITHIN) -> None:
        """Wait until something is so; fail the test with all that was written where it is not so in time."""
        until = time.monotonic() + within
        while not condition():
            if time.monotonic() > until:
                pytest.fail(f"not within {within:g} s\n{self._said()}", pytrace=False)
            time.sleep(0.01)

    def down(self) -> int:
        """Close the test's sockets that feed it, drain it, and return the exit status that ``up`` would have."""
        for each in self._made:
            if each.type in FEEDS:
                each.close(linger=LINGER)
        return self._mesh.down()["status"] if self._mesh.runs else self._mesh.wait_end().status

    def close(self) -> None:
        """End whatever is left of it."""
        self._context.destroy(linger=0)
        if self._folders.run.exists():
            with contextlib.suppress(OrchestratorError):
                self._mesh.down(now=True, within=WITHIN)
        self._addresses.close()
        shutil.rmtree(self._root, ignore_errors=True)

    def _external(self, end: str) -> Iterator[tuple[str, bool, list[str]]]:
        """Yield the type, whether it binds, and the addresses of an external socket, for each of its edges."""
        plan = self._mesh.plan
        endpoints = {each.name: each for each in plan.endpoints}
        if end.partition(".")[0] not in plan.external:
            return
        for edge in plan.edges:
            met = [endpoints[name] for name in edge.endpoints]
            for written in edge.bind:
                if written.split()[0] == end:
                    own = [each.address for each in met if f"{each.node}.{each.socket}" == end]
                    yield written.split()[1], True, own
            for written in edge.connect:
                if written.split()[0] == end:
                    yield written.split()[1], False, [each.connect for each in met]

    def _socket(self, kind: str | int, options: dict[str, Any]) -> zmq.Socket[bytes]:
        made = self._context.socket(zmq.SocketType[kind.upper()] if isinstance(kind, str) else kind)
        made.linger = 0
        self._made.append(made)
        if made.type == zmq.SUB:
            made.subscribe(options.pop("subscribe", b""))
        for option, value in options.items():
            made.setsockopt(zmq.SocketOption[option.upper()], value)
        return made

    def _named(self) -> list[str]:
        return [word for file in self._files for word in ("-f", str(file))]

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "orchestrator", *arguments],
            cwd=self._files[0].parent,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="backslashreplace",
        )

    def _said(self) -> str:
        """Return the last lines of each process that has written any."""
        logs = sorted(self._folders.logs.glob("*.log")) if self._folders.logs.exists() else []
        lines = {log.stem: self.log(log.stem)[-20:] for log in logs}
        return "\n".join("\n".join([f"--- {process}", *said]) for process, said in lines.items() if said)


class Meshes:
    """Starts meshes, and ends them with the test: the fixture ``mesh``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: list[RunningMesh] = []

    def __call__(
        self,
        *files: str | os.PathLike[str],
        sets: Mapping[str, Any] | None = None,
        profiles: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        within: float = WITHIN,
        free_addresses: bool = True,
    ) -> RunningMesh:
        """Bring up the mesh of a file, and of those that overlay it; wait until it is ready.

        They are looked for beside the test. ``sets`` are values of its variables, ``environment`` comes on top of the
        test's own. With ``free_addresses`` those that the files fix are replaced by some that nobody has. Fail the test
        where it is not ready ``within`` so many seconds.
        """
        made = RunningMesh([Path(self._folder, file) for file in files], sets or {}, profiles, environment or {})
        self._made.append(made)
        made.start(within, free_addresses=free_addresses)
        return made

    def close(self) -> None:
        """End all of them."""
        for each in self._made:
            with contextlib.suppress(OSError):
                each.close()
