"""A whole mesh: keeper, supervisor and nodes from a plan made by hand."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestrator.client import connection, launch
from orchestrator.client.status import status
from orchestrator.contract import folders
from orchestrator.contract.folders import Folders
from orchestrator.control import verbs
from orchestrator.plan.model import Endpoint, Plan, Restart, dump
from tests.support.plans import node, plan
from tests.support.waiting import until

from .bench import HERE

FOREVER = Restart("on-failure", max_attempts=None)


class Mesh:
    """Starts, asks and kills."""

    def __init__(self, of: Folders) -> None:
        self.folders = of
        self.keepers: list[subprocess.Popen[bytes]] = []

    def start(self, of: Plan) -> None:
        folders.make(self.folders)
        self.keepers.append(launch.prestart())
        launch.start(self.keepers[-1], self.folders, dump(of), owned=False)

    def ask(self, verb: str, **request: Any) -> Any:
        """Ask the supervisor as soon as there is one."""
        return self._answer(lambda: connection.ask(self.folders.supervisor, verbs.decode({"verb": verb, **request}), 5))

    def _answer(self, ask: Callable[[], Any]) -> Any:
        answers: list[Any] = []

        def answered() -> bool:
            with contextlib.suppress(connection.Unreachable):
                answers.append(ask())
            return bool(answers)

        until(answered, why=self.text)
        return answers[0]

    def text(self) -> str:
        """Give all that keeper and supervisor have said."""
        files = (self.folders.state / "keeper.log", self.folders.events)
        return "".join(file.read_text() for file in files if file.exists())

    def events(self, kind: str) -> list[dict[str, Any]]:
        lines = self.folders.events.read_text().splitlines() if self.folders.events.exists() else []
        return [each for each in map(json.loads, lines) if each["event"] == kind]

    def log(self, process: str) -> list[str]:
        file = self.folders.logs / f"{process}.log"
        whole = file.read_text().rpartition("\n")[0] if file.exists() else ""  # the last line may be on its way
        return [line.split(" ", 2)[2] for line in whole.splitlines()]

    def processes(self) -> dict[str, dict[str, Any]]:
        return {each["name"]: each for each in self._answer(lambda: status(self.folders, 5))["processes"]}

    def pids(self) -> dict[str, int]:
        return {name: each["pid"] for name, each in self.processes().items()}

    def whole(self) -> bool:
        """Tell whether all processes are ready and all links up."""
        return all(
            each["state"] == "ready" and all(link["up"] == link["declared"] for link in each["links"].values())
            for each in self.processes().values()
        )

    def up(self) -> None:
        until(self.whole, why=self.text)

    def replaced(self, who: str) -> None:
        """Kill the keeper or the supervisor and wait for another one."""
        before = self.ask("info")
        os.kill(before[who], signal.SIGKILL)
        until(lambda: self.ask("info")[who] != before[who], why=self.text)

    def down(self, **request: Any) -> int:
        """Drain the mesh; give the status it ended with."""
        self.ask("down", **{"now": False, "grace": None, **request})
        return self.ended()

    def ended(self) -> int:
        """Wait for the end of all of it; give its status."""
        until(lambda: not self.folders.run.exists(), why=self.text)
        status: int = self.events("ended")[-1]["status"]
        return status

    def close(self) -> None:
        for each in self.keepers:
            each.wait(20)


def program(of: Plan, **commands: tuple[str, ...]) -> Plan:
    """Give a plan whose python nodes find their modules here, and whose others run these commands."""
    return replace(
        of,
        nodes=tuple(
            replace(each, python=f"keeper_programs:{each.name}" if each.python else "", search=(HERE,))
            for each in of.nodes
        ),
        processes=tuple(replace(each, working_dir=HERE, command=commands.get(each.node, ())) for each in of.processes),
    )


def pair(transport: str = "ipc") -> Plan:
    """Give a feed that goes on publishing, and two bots."""
    made = program(
        plan(
            node("feed", restart=FOREVER),
            node("bot", 2, restart=FOREVER),
            edges=("feed.ticks PUB < bot.ticks SUB",),
        )
    )
    return replace(made, endpoints=tuple(replace(each, transport=transport) for each in made.endpoints))


def fixed(of: Plan, address: str) -> Plan:
    """Give a plan whose endpoints all are one address."""

    def at(endpoint: Endpoint) -> Endpoint:
        return replace(endpoint, transport="fixed", address=address, connect=address)

    return replace(of, endpoints=tuple(at(each) for each in of.endpoints))


def alone(run: str = "one", replicas: int = 1, **changed: Any) -> Plan:
    """Give one node; what is no field of it is one of its processes'."""
    of_process = {key: changed.pop(key) for key in ("command", "env", "stdin") if key in changed}
    made = program(plan(node("one", replicas, **changed)))
    if made.nodes[0].library:
        made = replace(made, nodes=(replace(made.nodes[0], python=run if ":" in run else f"keeper_programs:{run}"),))
    return replace(made, processes=tuple(replace(each, **of_process) for each in made.processes))


def python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, *arguments)


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()
