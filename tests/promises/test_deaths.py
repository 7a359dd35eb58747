"""Deaths: whoever is killed, the mesh becomes whole again, and nothing is left of it in the end."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

from tests.support.meshes import Make, Mesh, edge, node

pytestmark = pytest.mark.process

TRADERS = 4
NODES = ("feed", *(f"trader-{number}" for number in range(TRADERS)), "book")


def test_the_mesh_survives_every_kind_of_death(mesh: Make) -> None:
    _survive(mesh, [{"trader-1"}, {"supervisor"}, {"feed"}, {"keeper"}, {"book"}])


def test_the_mesh_survives_two_deaths_at_once(mesh: Make) -> None:
    _survive(mesh, [{"supervisor", "trader-0"}, {"keeper", "feed"}, {"book", "trader-1"}])


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("transport", ["ipc", "tcp"])
def test_the_mesh_survives_50_deaths(mesh: Make, transport: str) -> None:
    who = [*NODES, "keeper", "supervisor"]
    _survive(mesh, [{victim} for victim in random.choices(who, [1] * len(NODES) + [3, 3], k=50)], transport)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_the_mesh_survives_50_pairs_of_deaths(mesh: Make) -> None:
    _survive(mesh, [{random.choice(["keeper", "supervisor"]), random.choice(NODES)} for _ in range(50)])


def test_nodes_are_adopted_when_keeper_and_supervisor_die_together(mesh: Make) -> None:
    made = _start(mesh)
    before = made.pids()
    _kill_both(made)
    made.start_detached()
    _wait_until_whole(made)
    assert made.pids() == before
    _end(made)


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_nodes_are_adopted_in_20_of_20(mesh: Make) -> None:
    made = _start(mesh)
    before = made.pids()
    for _ in range(20):
        _kill_both(made)
        made.start_detached()
        _wait_until_whole(made)
        assert made.pids() == before
    _end(made)


def _start(make: Make, transport: str = "ipc") -> Mesh:
    restart = {"policy": "always", "delay": "10ms", "max_delay": "100ms", "max_attempts": "unlimited"}
    made = make(
        {
            "feed": node("programs:clock", {"ticks": "PUB"}, args={"rate": 50}, restart=restart),
            "trader": node(
                "programs:trader",
                {"ticks": {"type": "SUB", "subscribe": ""}, "orders": "PUSH"},
                replicas=TRADERS,
                restart=restart,
            ),
            "book": node("programs:book", {"orders": "PULL"}, restart=restart),
        },
        {
            "ticks": edge("feed.ticks", "trader.ticks", transport),
            "orders": edge("book.orders", "trader.orders", transport),
        },
    )
    made.start_detached()
    _wait_until_whole(made)
    return made


def _wait_until_whole(mesh: Mesh) -> None:
    """Wait until each link is up and the next tick has arrived everywhere: at the book, through each trader."""
    mesh.until(mesh.whole)
    now = time.time()
    mesh.until(lambda: _through_whom(mesh, now) == set(NODES[1:-1]))


def _through_whom(mesh: Mesh, since: float) -> set[str]:
    orders = [line.split() for line in mesh.said("book")[-200:]]
    return {trader for trader, sent in orders if float(sent) > since}


def _survive(make: Make, deaths: list[set[str]], transport: str = "ipc") -> None:
    mesh = _start(make, transport)
    descriptors = _descriptors(mesh)
    for victims in deaths:
        before = mesh.pids()
        _kill(mesh, victims)
        _wait_until_whole(mesh)
        after = mesh.pids()
        assert {name for name in NODES if before[name] != after[name]} == victims & set(NODES)
    mesh.until(lambda: _descriptors(mesh) == descriptors)
    _end(mesh)


def _kill(mesh: Mesh, victims: set[str]) -> None:
    """Kill, and wait until it is seen that others are in the victims' places."""
    before = _everybody(mesh)
    for victim in victims:
        os.kill(before[victim], signal.SIGKILL)
    mesh.until(lambda: all(_everybody(mesh)[victim] not in (before[victim], 0) for victim in victims))


def _everybody(mesh: Mesh) -> dict[str, int]:
    """Give the pids of all, 0 where a process does not run just now."""
    info = mesh.info()
    nodes = {name: pid or 0 for name, pid in mesh.pids().items()}
    return {"keeper": info["keeper"], "supervisor": info["pid"], **nodes}


def _kill_both(mesh: Mesh) -> None:
    """Kill the keeper and the supervisor, so that neither can start the other anew."""
    info = mesh.info()
    os.kill(info["pid"], signal.SIGSTOP)
    os.kill(info["keeper"], signal.SIGKILL)
    os.kill(info["pid"], signal.SIGKILL)
    pids = {info["pid"], info["keeper"]}
    mesh.until(lambda: not pids & {process.pid for process in mesh.processes()})


def _descriptors(mesh: Mesh) -> dict[str, int]:
    """Count everybody's descriptors."""
    return {name: len(os.listdir(f"/proc/{pid}/fd")) for name, pid in _everybody(mesh).items()}


def _end(mesh: Mesh) -> None:
    mesh.down()
    ended = mesh.ended()
    assert ended["killed"] == [], mesh.account()
    assert mesh.until(lambda: not mesh.processes())
    assert list((mesh.folder / "run").rglob("*")) == [mesh.folder / "run/orchestrator"]
