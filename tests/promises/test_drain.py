"""Graphs of every shape drain: all that was sent has come, and nobody has to be killed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.meshes import Make, Mesh, edge, node

pytestmark = [pytest.mark.process, pytest.mark.long]

PUSH = {"out": {"type": "PUSH", "sndhwm": 10}}
PULL = {"in": {"type": "PULL", "rcvhwm": 10}}
SLOW = {"pause": 0.002}

GRAPHS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "fan-out": (
        {"spring": node("programs:spring", PUSH), "basin": node("programs:basin", PULL, replicas=3, args=SLOW)},
        {"water": edge("spring.out", "basin.in")},
    ),
    "fan-in": (
        {"spring": node("programs:spring", PUSH, replicas=3), "basin": node("programs:basin", PULL, args=SLOW)},
        {"water": edge("basin.in", "spring.out")},
    ),
    "many to many": (
        {
            "spring": node("programs:spring", PUSH, replicas=3),
            "basin": node("programs:basin", PULL, replicas=3, args=SLOW),
        },
        {"water": edge("basin.in", "spring.out", pairing="all")},
    ),
    "REQ and REP": (
        {
            "client": node("programs:client", {"ask": "REQ"}, replicas=3),
            "rep": node("programs:server", {"answer": "REP"}),
        },
        {"questions": edge("rep.answer", "client.ask")},
    ),
    "DEALER and ROUTER": (
        {
            "client": node("programs:client", {"ask": "DEALER"}, replicas=3),
            "router": node("programs:server", {"answer": "ROUTER"}),
        },
        {"questions": edge("router.answer", "client.ask")},
    ),
    "REQ and ROUTER": (
        {
            "client": node("programs:client", {"ask": "REQ"}, replicas=2),
            "router": node("programs:server", {"answer": "ROUTER"}),
        },
        {"questions": edge("router.answer", "client.ask")},
    ),
}


def drained(mesh: Mesh) -> dict[str, list[int]]:
    """Drain a mesh that has worked for a while; give what its processes say they have sent, and what came."""
    mesh.start_detached()
    mesh.until(lambda: mesh.whole() and all(each["cpu"] is not None for each in mesh.ps().values()))
    mesh.down()
    ended = mesh.ended(60)
    assert ended["killed"] == [], mesh.account()
    assert ended["status"] == 0
    said: dict[str, list[int]] = {"sent": [], "came": []}
    for process in sorted({each["process"] for each in mesh.events("started")}):
        word, count = mesh.last(process).split()
        said[word].append(int(count))
    return said


@pytest.mark.parametrize("graph", GRAPHS)
def test_all_that_was_sent_has_come(mesh: Make, graph: str) -> None:
    said = drained(mesh(*GRAPHS[graph]))
    assert sum(said["sent"]) == sum(said["came"]) > 0, said
    assert all(said["came"]), said


def test_a_cycle_stops_together(mesh: Make) -> None:
    wheel = {"in": "PULL", "out": "PUSH"}
    made = mesh(
        {"wheel": node("programs:wheel", wheel, replicas=3)},
        {"round": edge("wheel.in", "wheel.out", pairing="ring")},
    )
    assert all(drained(made)["came"])


def test_a_job_leaves_what_it_has_sent(mesh: Make) -> None:
    made = mesh(
        {
            "job": node("programs:batch", PUSH, kind="job", args={"count": 500}),
            "basin": node("programs:basin", PULL, args=SLOW),
        },
        {"water": edge("basin.in", "job.out")},
    )
    made.start_detached()
    made.wait_for("exited", process="job")
    made.down()
    assert made.ended(60)["killed"] == []
    assert made.last("basin") == "came 500"
