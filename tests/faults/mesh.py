"""A mesh that is harmed: numbers flow from a source to a sink, and one more process can be held at will."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from tests.support.meshes import Make, Mesh, edge

HERE = str(Path(__file__).parent)
RESTART = {"policy": "always", "delay": "10ms", "max_delay": "10ms", "max_attempts": "unlimited"}


def program(python: str, sockets: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Declare a node whose program stands in this folder, and which is always started anew."""
    return {"python": python, "working_dir": HERE, "sockets": sockets, "restart": RESTART, **more}


class Harmed:
    """A source, a sink that counts in ``record``, a clock, and ``held``, which hears the clock.

    ``held`` is not loaded while the file ``loading`` is there, and does not end while ``ending`` is.
    """

    def __init__(self, make: Make, **more: dict[str, Any]) -> None:
        self.mesh = make({}, {})
        self.record, self.loading, self.ending = (self.mesh.folder / name for name in ("count", "loading", "ending"))
        self.record.write_bytes(b"%12d" % 0)
        held = {"LOADING": str(self.loading), "ENDING": str(self.ending)}
        self.mesh.write(
            {
                "source": program("programs:source", {"numbers": "PUSH"}, args={"rate": 500}),
                "sink": program("programs:sink", {"numbers": "PULL"}, args={"record": str(self.record)}),
                "clock": program("programs:clock", {"ticks": "PUB"}),
                "held": program("held:main", {"ticks": {"type": "SUB", "subscribe": ""}}, env=held),
                **more,
            },
            {"numbers": edge("sink.numbers", "source.numbers"), "ticks": edge("clock.ticks", "held.ticks")},
        )

    def kill(self, role: str) -> None:
        """Kill the client, the keeper, the supervisor or a process, by pid."""
        os.kill(self.pid(role), signal.SIGKILL)

    def pid(self, role: str) -> int:
        if role == "client":
            assert self.mesh.client is not None
            return self.mesh.client.pid
        if role in ("keeper", "supervisor"):
            pid: int = self.mesh.info()["keeper" if role == "keeper" else "pid"]
            return pid
        return self.mesh.pids()[role] or 0

    def replaced(self, role: str, before: int) -> None:
        """Wait until another one is in somebody's place."""
        self.mesh.until(lambda: self.pid(role) not in (0, before))

    def flows(self) -> None:
        """Wait for numbers that are sent from now on."""
        before = self.count()
        self.mesh.until(lambda: self.count() > before + 50 or 50 < self.count() < before)  # a new sink begins at 1

    def count(self) -> int:
        return int(self.record.read_bytes() or b"0")

    def state(self, process: str) -> str:
        state: str = self.mesh.ps()[process]["state"]
        return state

    def down(self) -> dict[str, Any]:
        self.mesh.down()
        return self.gone()

    def gone(self) -> dict[str, Any]:
        """Wait until nothing is left; give the event that told the end."""
        ended = self.mesh.ended()
        self.mesh.until(lambda: not self.mesh.processes())
        assert list((self.mesh.folder / "run").rglob("*")) == [self.mesh.folder / "run/orchestrator"]
        return ended


__all__ = ["HERE", "RESTART", "Harmed", "Make", "Mesh", "edge", "program"]
