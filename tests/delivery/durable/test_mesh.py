"""Senders and receivers that are killed at random: nothing accepted is lost, and what comes twice is explained."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.delivery.durable.lasting import Outcome, check
from tests.support.meshes import Make, Mesh, mesh

__all__ = ["mesh"]

pytestmark = pytest.mark.process

HERE = str(Path(__file__).parent)
RESTART = {"policy": "always", "delay": "0s", "max_delay": "0s", "max_attempts": "unlimited"}


def start(
    make: Make,
    record: Path,
    *,
    senders: int = 4,
    receivers: int = 4,
    delivery: Any = "durable",
    turned: bool = False,
    transport: str = "ipc",
    receive: str = "receive",
    **args: Any,
) -> Mesh:
    ends = ("receiver.in", "sender.out")
    bind, connect = ends[::-1] if turned else ends
    made = make(
        {
            "sender": {
                "python": "lasting:send",
                "working_dir": HERE,
                "replicas": senders,
                "args": {"record": str(record), **args},
                "restart": RESTART,
                "sockets": {"out": "PUSH"},
            },
            "receiver": {
                "python": f"lasting:{receive}",
                "working_dir": HERE,
                "replicas": receivers,
                "args": {"record": str(record)},
                "restart": RESTART,
                "sockets": {"in": "PULL"},
            },
        },
        {"work": {"bind": bind, "connect": connect, "pairing": "all", "delivery": delivery, "transport": transport}},
    )
    made.start()
    made.until(made.whole, 30)
    return made


def kill_at_random(mesh: Mesh, seed: int, seconds: float, every: float = 0.2) -> int:
    """Kill a process, or one at each end, again and again; give how many receivers died."""
    chance, deadline, deaths = random.Random(seed), time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        victims = chance.choice([("sender",), ("receiver",), ("sender", "receiver")])
        for node in victims:
            process = f"{node}-{chance.randrange(4)}"
            pid = mesh.pids().get(process)
            if pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    deaths += node == "receiver"
        time.sleep(every)
    return deaths


def end(mesh: Mesh, record: Path) -> Outcome:
    """Drain the mesh once all have come back, and give what came of it."""
    mesh.until(mesh.whole, 30)
    mesh.down()
    mesh.ended(60)
    return check(record)


@pytest.mark.parametrize("turned", [pytest.param(False, marks=pytest.mark.long), True])
def test_nothing_accepted_is_lost(mesh: Make, tmp_path: Path, turned: bool) -> None:
    made = start(mesh, tmp_path, turned=turned, pause=0.001)
    deaths = kill_at_random(made, seed=1, seconds=3)
    outcome = end(made, tmp_path)
    assert outcome.accepted > 100
    assert outcome.processed >= outcome.accepted
    assert outcome.lost == outcome.disorder == outcome.unexplained == []
    assert outcome.twice <= deaths


@pytest.mark.long
def test_a_plain_edge_loses(mesh: Make, tmp_path: Path) -> None:
    made = start(mesh, tmp_path, delivery="plain", pause=0.0)
    kill_at_random(made, seed=1, seconds=3)
    assert end(made, tmp_path).lost


@pytest.mark.parametrize("gate", ["1", pytest.param("0", marks=pytest.mark.long)])
def test_a_receiver_that_is_busy_while_its_sender_is_started_anew_is_not_gone(
    mesh: Make, tmp_path: Path, gate: str
) -> None:
    """Its connection says who it is as soon as it is asked to look at its sockets; nobody asks without a gate."""
    nodes: dict[str, Any] = {
        "sender": {
            "python": "lasting:send",
            "args": {"record": str(tmp_path), "most": 8, "pause": 0.005},
            "restart": RESTART | {"policy": "on-failure"},
            "stop": {"grace": "60s"},  # it stays until all is taken
            "sockets": {"out": "PUSH"},
        },
        "receiver": {
            "python": "lasting:receive",
            "replicas": 2,
            "args": {"record": str(tmp_path), "pause": 0.5},
            "sockets": {"in": "PULL"},
        },
    }
    delivery = {"kind": "durable", "reassign_after": "50ms"}
    made = mesh(
        {name: node | {"working_dir": HERE} for name, node in nodes.items()},
        {"work": {"bind": "receiver.in", "connect": "sender.out", "pairing": "all", "delivery": delivery}},
        {"ORCHESTRATOR_GATE": gate},
    )
    made.start()
    made.until(lambda: check(tmp_path).accepted == 8)
    made.kill("sender")
    made.until(lambda: check(tmp_path).accepted == 16)
    made.until(lambda: len({*lines(tmp_path)}) == 16, 30)
    made.down()
    made.ended()
    outcome = check(tmp_path)
    assert outcome.lost == []
    assert outcome.twice == 0 or gate == "0"
    if gate == "0":
        assert outcome.twice


def lines(record: Path) -> list[str]:
    """Give what was processed, without who did it."""
    found = [path.read_text().split("\n")[:-1] for path in record.glob("*.processed")]
    return [line.split(" ", 1)[1] for each in found for line in each]


@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_lost_in_a_minute_of_deaths(mesh: Make, tmp_path: Path, seed: int) -> None:
    made = start(
        mesh, tmp_path, turned=bool(seed % 2), transport="tcp" if seed % 4 > 1 else "ipc", many=16, pause=0.001
    )
    deaths = kill_at_random(made, seed=seed, seconds=60)
    outcome = end(made, tmp_path)
    print(f"seed {seed}: {outcome.accepted} accepted, {outcome.twice} twice in {deaths} deaths of receivers")
    assert outcome.accepted > 10_000
    assert outcome.lost == outcome.disorder == outcome.unexplained == []
    assert outcome.twice <= deaths
