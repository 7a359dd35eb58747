"""The supervisor's and the keeper's part in these tests: kept listeners, forked processes, a real control socket."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from orchestrator.contract import messages
from orchestrator.contract.launch import Launch
from orchestrator.contract.wiring import SocketWiring, Wiring, pack_markers

HERE = str(Path(__file__).parent)
PATIENCE = 20.0


class Process:
    """One forked node and the connection to its control socket."""

    def __init__(self, mesh: Mesh, wiring: Wiring, pid: int, out: Path, log: Path) -> None:
        self.mesh, self.wiring, self.pid, self.out, self.log = mesh, wiring, pid, out, log
        self.pidfd = os.pidfd_open(pid)
        self.said: list[dict[str, Any]] = []
        self.status: int | None = None
        self._answers: dict[int, dict[str, Any]] = {}
        self._fds: dict[int, list[int]] = {}
        self._id = 0
        self._connection: socket.socket | None = None
        self.connect()

    def connect(self) -> None:
        """Connect as a new supervisor does."""
        if self._connection is not None:
            self._connection.close()
        self.said.clear()
        self._connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self._connection.connect(self.wiring.control)
            except (FileNotFoundError, ConnectionRefusedError):
                assert self.alive, self.text
                assert time.monotonic() < until
                select.select([self.pidfd], [], [], 0.002)

    @property
    def alive(self) -> bool:
        return not select.select([self.pidfd], [], [], 0)[0]

    @property
    def text(self) -> str:
        return self.log.read_text()

    @property
    def result(self) -> Any:
        return json.loads(self.out.read_text())

    def signal(self, number: int = signal.SIGURG) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, number)

    def ask(self, do: str, **request: Any) -> dict[str, Any]:
        """Ask until answered."""
        self._id += 1
        messages.send(self._connection, {"id": self._id, "do": do, **request})
        until = time.monotonic() + PATIENCE
        while self._id not in self._answers:
            assert time.monotonic() < until, f"{self.wiring.process} does not answer {do}\n{self.text}"
            self.signal()
            self._read(0.02)
        return self._answers.pop(self._id)

    def fds(self) -> list[int]:
        """Give the descriptors that came with the last answer."""
        return self._fds.get(self._id, [])

    def heard(self, say: str) -> dict[str, Any]:
        """Wait until the node has said something."""
        until = time.monotonic() + PATIENCE
        while True:
            for each in self.said:
                if each["say"] == say:
                    return each
            assert time.monotonic() < until, f"{self.wiring.process} did not say {say}: {self.said}\n{self.text}"
            self._read(0.5)

    def gate(self, **expect: tuple[Any, ...]) -> None:
        """Let it wait for (handshakes, marker, ...) of each socket."""
        expected = {
            name: {"handshakes": shaken, "markers": pack_markers(marked)} for name, (shaken, *marked) in expect.items()
        }
        self.heard("hello")
        self.said = [each for each in self.said if each["say"] != "sockets_ready"]
        assert self.ask("gate", expect=expected) == {}
        self.gate_id = self._id

    def wired(self) -> None:
        assert self.heard("sockets_ready") == {"say": "sockets_ready", "gate": self.gate_id}

    def go(self) -> None:
        assert self.ask("go") == {}

    def wait(self) -> int:
        """Wait for its end and give its exit status."""
        if self.status is None:
            assert select.select([self.pidfd], [], [], PATIENCE)[0], f"{self.wiring.process} does not end\n{self.text}"
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status

    def drain(self, *names: str, grace: float = 10.0) -> int:
        """Stop it until these sockets are dry and it has ended; give its exit status."""
        until = time.monotonic() + PATIENCE
        while self.alive:
            with contextlib.suppress(OSError):
                if self.ask("stop", grace=grace, dry=list(names))["dry"] == list(names):
                    break
            assert time.monotonic() < until, self.text
            select.select([self.pidfd], [], [], 0.005)
        return self.wait()

    def close(self) -> None:
        if self.status is None:
            self.signal(signal.SIGKILL)
            self.wait()
        os.close(self.pidfd)
        self._connection.close()

    def _read(self, timeout: float) -> None:
        if not select.select([self._connection], [], [], timeout)[0]:
            return
        try:
            received = messages.receive(self._connection)
        except ConnectionResetError:
            received = None
        if received is None:
            raise ConnectionError(f"{self.wiring.process} has closed its control socket\n{self.text}")
        message, fds = received
        if "say" in message:
            self.said.append(message)
        else:
            number = message.pop("answer")
            self._answers[number] = message
            self._fds[number] = fds


class Mesh:
    """Starts processes, keeps their listeners and ends them all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._listeners: dict[str, tuple[socket.socket, str]] = {}
        self._processes: list[Process] = []

    def listen(self, name: str, transport: str = "ipc") -> str:
        """Keep a listener under a name; give its address."""
        if name not in self._listeners:
            if transport == "ipc":
                path = str(self.folder / name)
                listener, address = socket.socket(socket.AF_UNIX), f"ipc://{path}"
                listener.bind(path)
            else:
                listener = socket.socket(socket.AF_INET)
                listener.bind(("127.0.0.1", 0))
                address = "tcp://{}:{}".format(*listener.getsockname())
            listener.listen(100)
            self._listeners[name] = listener, address
        return self._listeners[name][1]

    def unlisten(self, name: str) -> None:
        """Let a listener go, its path too."""
        listener, address = self._listeners.pop(name)
        listener.close()
        if address.startswith("ipc://"):
            os.unlink(address.removeprefix("ipc://"))

    def start(
        self,
        process: str,
        program: str,
        sockets: dict[str, dict[str, Any]],
        *,
        generation: int = 1,
        inherit: bool = True,
        env: dict[str, str] | None = None,
        command: tuple[str, ...] = (),
        **args: Any,
    ) -> Process:
        """Fork a process; ``bind`` names kept listeners, ``connect`` gives names or addresses."""
        control_path = str(self.folder / f"{process}@control")
        control = self._control(control_path) if inherit else None
        made = {name: self._wiring(given) for name, given in sockets.items()}
        kept = {fd for given in made.values() for fd in given.fd if fd is not None}
        out, log = self.folder / f"{process}.{generation}.json", self.folder / f"{process}.{generation}.log"
        wiring = Wiring(
            "test",
            process.partition("-")[0],
            process,
            0,
            1,
            generation,
            made,
            args={"out": str(out), **args},
            control=control_path,
            control_fd=control.fileno() if control else None,
        )
        path = self.folder / f"{process}.{generation}.wiring.json"
        path.write_bytes(wiring.dump())
        launch = Launch(
            process, generation, program, command, wiring.args, env or {}, HERE, "", str(log), str(log), str(path),
            control_path, search=(HERE,),
        )  # fmt: skip
        log.touch()
        pid = os.fork()
        if pid == 0:
            _become(launch, kept | ({control.fileno()} if control else set()))
        if control:
            control.close()
        made_process = Process(self, wiring, pid, out, log)
        self._processes.append(made_process)
        return made_process

    def close(self) -> None:
        for process in self._processes:
            process.close()
        for listener, _ in self._listeners.values():
            listener.close()

    def _wiring(self, given: dict[str, Any]) -> SocketWiring:
        kind, bind, connect = given["type"], given.get("bind", ()), given.get("connect", ())
        return SocketWiring(
            kind,
            tuple(self._listeners[name][1] for name in bind),
            tuple(name if "://" in name else self._listeners[name][1] for name in connect),
            {key: value for key, value in given.items() if key not in ("type", "bind", "connect", "retry")},
            retry=given.get("retry"),
            fd=tuple(self._listeners[name][0].fileno() for name in bind),
            declared="topology.yaml:7:9",
        )

    def _control(self, path: str) -> socket.socket:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        control.bind(path)
        control.listen(8)
        return control


def _become(launch: Launch, kept: set[int]) -> None:
    status = 99
    try:
        log = os.open(launch.stdout, os.O_WRONLY | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        for name in os.listdir("/proc/self/fd"):
            if int(name) > 2 and int(name) not in kept:
                with contextlib.suppress(OSError):
                    os.close(int(name))
        sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
        sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
        os.environ.update(launch.env)
        os.environ["ORCHESTRATOR_WIRING"] = launch.wiring
        if launch.command:
            for fd in kept:
                os.set_inheritable(fd, True)
            os.execv(launch.command[0], launch.command)
        from orchestrator.node import host

        status = host.prepare([launch])[launch.process]()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)
