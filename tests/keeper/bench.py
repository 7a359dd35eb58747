"""A real keeper, and a test in the place of its supervisor."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from orchestrator.contract import messages
from orchestrator.contract.folders import Folders
from orchestrator.contract.launch import CONTROL_FD, Launch
from orchestrator.contract.messages import Message
from orchestrator.contract.wiring import Wiring
from tests.support.waiting import until

HERE = str(Path(__file__).parent)
PATIENCE = 20.0


def keeper_command(of: Folders, *more: str) -> list[str]:
    return [sys.executable, "-m", "orchestrator.keeper", str(of.run), str(of.state), *more]


def inodes(pid: int) -> set[str]:
    """Give what the socket descriptors of a process stand for."""
    found = set()
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            found.add(os.readlink(f"/proc/{pid}/fd/{fd}"))
    return {each for each in found if each.startswith("socket:")}


class Bench:
    """Starts a keeper that watches a stand-in for its supervisor, and talks to it."""

    def __init__(self, of: Folders, environment: dict[str, str] | None = None) -> None:
        self.folders = of
        of.environment.write_text(json.dumps(dict(os.environ) if environment is None else environment))
        self.stand_in = subprocess.Popen(["sleep", "600"])
        self.log = (of.state / "keeper.log").open("wb")
        self.keeper = subprocess.Popen(
            keeper_command(of, str(self.stand_in.pid)), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log
        )
        self.said: list[Message] = []
        self.fds: list[int] = []
        self._id = 0
        try:
            self.connection = self.connect()
        except BaseException:
            self.stand_in.kill()
            self.keeper.kill()
            raise

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        if self.keeper.poll() is None:
            self.end()
        self.stand_in.kill()
        self.stand_in.wait()
        self.connection.close()
        self.log.close()
        for fd in self.fds:
            os.close(fd)

    @property
    def text(self) -> str:
        return (self.folders.state / "keeper.log").read_text()

    def connect(self) -> socket.socket:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        made.settimeout(PATIENCE)
        messages.set_send_buffer(made)

        def connected() -> bool:
            assert self.keeper.poll() is None, self.text
            return made.connect_ex(self.folders.keeper) == 0

        until(connected)
        return made

    def ask(self, do: str, **request: Any) -> Message:
        self._id += 1
        messages.send(self.connection, {"id": self._id, "do": do, **request})
        while True:
            message = self.receive()
            if "answer" in message:
                assert message.pop("answer") == self._id
                return message
            self.said.append(message)

    def receive(self) -> Message:
        received = messages.receive(self.connection)
        assert received is not None, self.text
        message, fds = received
        self.fds += fds
        return message

    def quiet(self, seconds: float) -> bool:
        """Tell whether the keeper says nothing for so long."""
        return not select.select([self.connection], [], [], seconds)[0]

    def exited(self, process: str, generation: int = 1) -> Message:
        """Wait until the keeper has told that a process has ended."""
        while True:
            for each in self.said:
                if each.get("say") == "exited" and (each["process"], each["generation"]) == (process, generation):
                    return each
            self.said.append(self.receive())

    def listen(self, name: str, address: str, *, backlog: int = 10, reserve: bool = False) -> Message:
        wanted = {"name": name, "address": address, "backlog": backlog, "reserve": reserve}
        return self.ask("listen", endpoints=[wanted])

    def start(
        self,
        process: str,
        *command: str,
        python: str = "",
        generation: int = 1,
        control: bool = False,
        listeners: tuple[str, ...] = (),
        **changed: Any,
    ) -> int:
        """Start a process whose output is a file; give its pid."""
        (answer,) = self.order(
            [(process, command, python, generation, control, listeners, changed)],
        )
        assert "error" not in answer, answer
        return int(answer["pid"])

    def order(self, wanted: list[tuple[Any, ...]]) -> list[Message]:
        paths = [self._write(*each) for each in wanted]
        answer = self.ask("start", launches=[str(path) for path in paths])
        assert "started" in answer, answer
        started: list[Message] = answer["started"]
        return started

    def _write(
        self,
        process: str,
        command: tuple[str, ...],
        python: str,
        generation: int,
        control: bool,
        listeners: tuple[str, ...],
        changed: dict[str, Any],
    ) -> Path:
        folder = self.folders.run / "processes" / process
        folder.mkdir(exist_ok=True)
        for stream in ("out", "err"):
            (folder / stream).touch()
        wiring = Wiring(
            "m", process, process, 0, 1, generation, {},
            control=self.folders.control(process) if control else "", control_fd=CONTROL_FD if control else None,
        )  # fmt: skip
        (folder / "wiring.json").write_bytes(wiring.dump())
        values: dict[str, Any] = {
            "process": process,
            "generation": generation,
            "python": python,
            "command": command,
            "args": {},
            "env": {"ORCHESTRATOR_WIRING": str(folder / "wiring.json")},
            "working_dir": HERE,
            "stdin": "",
            "stdout": str(folder / "out"),
            "stderr": str(folder / "err"),
            "wiring": str(folder / "wiring.json"),
            "control": wiring.control,
            "listeners": {name: CONTROL_FD + 1 + number for number, name in enumerate(listeners)},
            "search": (HERE,),
        }
        values["env"] |= changed.pop("env", {})
        (folder / "launch.json").write_bytes(Launch(**(values | changed)).dump())
        return folder / "launch.json"

    def output(self, process: str, stream: str = "out") -> str:
        return (self.folders.run / "processes" / process / stream).read_text()

    def end(self) -> int:
        """Let the keeper end as a supervisor does; give its exit status."""
        messages.send(self.connection, {"id": 0, "do": "quit"})
        self.stand_in.kill()
        return self.keeper.wait(PATIENCE)

    def stopped(self) -> None:
        """Hold the keeper up until it is continued."""
        self.keeper.send_signal(signal.SIGSTOP)
        until(lambda: Path(f"/proc/{self.keeper.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")
