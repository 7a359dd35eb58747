"""Servers that are killed at random while clients ask: no reply is wrong, and what is done twice is where we say so."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support.meshes import Make, Mesh, mesh

__all__ = ["mesh"]

pytestmark = pytest.mark.process

HERE = str(Path(__file__).parent)
RESTART = {"policy": "always", "delay": "0s", "max_delay": "0s", "max_attempts": "unlimited"}


def start(make: Make, record: Path, *, requests: int, servers: int, delivery: Any, pause: float = 0.003) -> Mesh:
    args = {"record": str(record)}
    made = make(
        {
            "client": {
                "python": "retries:ask",
                "working_dir": HERE,
                "kind": "main",
                "args": args | {"requests": requests, "pause": pause},
                "sockets": {"ask": {"type": "REQ", "rcvtimeo": "1s"}},
            },
            "server": {
                "python": "retries:answer",
                "working_dir": HERE,
                "replicas": servers,
                "args": args,
                "restart": RESTART,
                "sockets": {"answer": "REP"},
            },
        },
        {"questions": {"bind": "server.answer", "connect": "client.ask", "delivery": delivery}},
    )
    made.start()
    return made


def kill_servers(mesh: Mesh, servers: int, deaths: int) -> None:
    """Kill one after the other, each once the client has gone on."""
    for _ in range(deaths):
        said = len(mesh.until(lambda: mesh.said("client")))
        mesh.until(lambda said=said: len(mesh.said("client")) > said or mesh.events("ended"))
        if mesh.events("draining"):
            return
        victim = f"server-{random.randrange(servers)}"
        lives = len(mesh.events("ready", process=victim))
        mesh.kill(victim)
        # By the record of events: a mesh that has ended meanwhile answers no ps.
        mesh.until(
            lambda victim=victim, lives=lives: (
                mesh.events("draining") or len(mesh.events("ready", process=victim)) > lives
            )
        )


def asked(record: Path) -> list[int]:
    return list(map(int, (record / "client.asked").read_text().split()))


def carried_out(record: Path) -> tuple[Counter[str], dict[str, set[str]]]:
    """Count how often each request was carried out, and by which incarnations of servers."""
    rows = [line.split() for file in record.glob("*.done") for line in file.read_text().splitlines()]
    by: dict[str, set[str]] = {}
    for pid, request in rows:
        by.setdefault(request, set()).add(pid)
    return Counter(request for _, request in rows), by


@pytest.mark.parametrize("servers", [1, 3])
def test_no_reply_is_wrong(mesh: Make, tmp_path: Path, servers: int) -> None:
    delivery = {"kind": "retry", "timeout": "100ms", "attempts": 100, "deduplicate": True}
    made = start(mesh, tmp_path, requests=3000, servers=servers, delivery=delivery)
    kill_servers(made, servers, deaths=4)
    made.ended(60)
    assert asked(tmp_path) == [3000, 0, 0]
    times, by = carried_out(tmp_path)
    assert len(times) == 3000
    # No incarnation does anything twice: the other one has died with its memory, or is another server.
    assert all(count == len(by[request]) for request, count in times.items())


def test_without_retries_a_death_ends_the_client(mesh: Make, tmp_path: Path) -> None:
    made = start(mesh, tmp_path, requests=1_000_000, servers=1, delivery="plain", pause=0.0)
    kill_servers(made, 1, deaths=4)
    assert made.ended(60)["status"] != 0
    assert not (tmp_path / "client.asked").exists()


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("servers", [1, 3])
def test_no_reply_of_100_000_is_wrong(mesh: Make, tmp_path: Path, servers: int) -> None:
    delivery = {"kind": "retry", "timeout": "100ms", "attempts": 100, "deduplicate": True}
    made = start(mesh, tmp_path, requests=100_000, servers=servers, delivery=delivery)
    kill_servers(made, servers, deaths=1000)
    made.ended(600)
    assert asked(tmp_path) == [100_000, 0, 0]
    times, by = carried_out(tmp_path)
    assert len(times) == 100_000
    assert all(count == len(by[request]) for request, count in times.items())
    deaths = len([each for each in made.events("exited") if each["status"] == -9])
    print(f"{deaths} deaths, {sum(times.values()) - 100_000} carried out twice")
    assert sum(times.values()) - 100_000 <= deaths
