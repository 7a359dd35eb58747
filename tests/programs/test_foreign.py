"""Programs without our library on edges that are durable or replay, by what docs/reference/protocols.md says."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

from tests.support.meshes import Make, Mesh, mesh

__all__ = ["mesh"]

pytestmark = pytest.mark.process

HERE = Path(__file__).parent
DELIVERY = HERE.parent / "delivery"
RESTART = {"policy": "always", "delay": "0s", "max_delay": "0s", "max_attempts": "unlimited"}


def kill(made: Mesh, process: str, times: int) -> None:
    """Kill a process again and again, each time a while after it has come back."""
    for _ in range(times):
        before = made.pids()[process]
        assert before
        os.kill(before, signal.SIGKILL)
        made.until(lambda before=before: made.pids().get(process) not in (None, 0, before))  # type: ignore[misc]
        time.sleep(0.2)  # it works, and then it dies


@pytest.mark.parametrize(("turned", "transport"), [(False, "ipc"), (True, "tcp")])
def test_a_foreign_receiver_of_a_durable_edge_loses_nothing(
    mesh: Make, tmp_path: Path, turned: bool, transport: str
) -> None:
    taken = tmp_path / "taken"
    bind, connect = ("sender.out", "taker.in") if turned else ("taker.in", "sender.out")
    made = mesh(
        {
            "sender": {
                "python": "lasting:send",
                "working_dir": str(DELIVERY / "durable"),
                "replicas": 2,
                "args": {"record": str(tmp_path), "pause": 0.0005},
                "sockets": {"out": "PUSH"},
                "stop": {"grace": "20s"},
            },
            "taker": {
                "command": [sys.executable, str(HERE / "foreign_durable.py"), str(taken)],
                "speaks": "durable",
                "restart": RESTART,
                "sockets": {"in": "PULL"},
            },
        },
        {
            "work": {
                "bind": bind,
                "connect": connect,
                "transport": transport,
                "delivery": "durable",
            }
        },
    )
    made.start()
    made.until(lambda: taken.exists() and taken.stat().st_size > 10_000, 30)
    kill(made, "taker", 3)
    size = taken.stat().st_size
    made.until(lambda: taken.stat().st_size > size + 10_000, 30)
    made.down()
    made.ended(60)
    found: dict[bytes, list[int]] = defaultdict(list)
    for line in taken.read_bytes().split(b"\n")[:-1]:
        sender, _, number = line.split()
        found[sender].append(int(number))
    for sender in (b"sender-0", b"sender-1"):
        accepted = [
            int(line.split()[2]) for line in (tmp_path / f"{sender.decode()}.accepted").read_text().splitlines()
        ]
        assert sorted({*found[sender]}) == accepted


def test_a_foreign_subscriber_of_an_edge_that_replays_sees_all(mesh: Make, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    made = mesh(
        {
            "feed": {
                "python": "replays:feed",
                "working_dir": str(DELIVERY / "replay"),
                "args": {"rate": 100_000, "seconds": 60, "topics": 2, "record": str(tmp_path)},
                "sockets": {"ticks": {"type": "PUB", "sndhwm": 20}},
                "stop": {"grace": "20s"},
            },
            "bot": {
                "command": [sys.executable, str(HERE / "foreign_replay.py"), str(seen)],
                "speaks": "replay",
                "restart": RESTART,
                "sockets": {"ticks": {"type": "SUB", "subscribe": "", "rcvhwm": 20}},
            },
        },
        {"ticks": {"bind": "feed.ticks", "connect": "bot.ticks", "delivery": {"kind": "replay", "from": "beginning"}}},
    )
    made.start()
    made.until(lambda: seen.exists() and seen.stat().st_size > 500_000, 30)
    pid = made.pids()["bot"]
    assert pid
    os.kill(pid, signal.SIGSTOP)
    time.sleep(0.5)  # meanwhile it misses what its high-water mark has no room for
    os.kill(pid, signal.SIGCONT)
    size = seen.stat().st_size
    made.until(lambda: seen.stat().st_size > size + 100_000, 30)
    made.down()
    made.ended(60)
    found: dict[bytes, list[int]] = defaultdict(list)
    for line in seen.read_bytes().split(b"\n")[:-1]:
        topic, body = line.split()
        found[topic].append(int(body.split(b".")[1]))
    counts = list(map(int, (tmp_path / "feed.published").read_text().split()[1:]))
    assert {topic: numbers == list(range(len(numbers))) for topic, numbers in found.items()} == {
        b"t0": True,
        b"t1": True,
    }
    assert [len(found[b"t0"]), len(found[b"t1"])] == counts
