"""Which senders of an edge can be heard, and why the others cannot."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.plan.model import Plan
from orchestrator.tap.sources import NotTappableError, Source, sources
from tests.support import topologies as meshes

NODES = {
    "a": {"python": "m:f", "replicas": 2, "sockets": {"s": "PUB", "t": "PUSH", "x": "XPUB", "r": "REQ"}},
    "b": {"python": "m:f", "sockets": {"s": {"type": "SUB", "subscribe": ""}, "t": "PULL", "r": "REP"}},
    "e": {"external": True, "sockets": {"s": "PUB"}},
}


def plan(edge: dict[str, Any]) -> Plan:
    return meshes.plan(NODES, {"e": edge})


@pytest.mark.parametrize(
    ("edge", "kind"),
    [({}, "plain"), ({"batch": {}}, "batch"), ({"delivery": "replay"}, "replay")],
)
def test_publishers_that_bind_are_heard(edge: dict[str, Any], kind: Any) -> None:
    found = sources(plan({"bind": "a.s", "connect": "b.s", **edge}), "e")
    assert found == [Source("e", f"a-{number}.s", kind, f"a-{number}.s") for number in range(2)]


def test_one_of_others_is_heard_too() -> None:
    found = sources(plan({"bind": "e.s", "connect": "b.s", "endpoint": "tcp://127.0.0.1:1"}), "e")
    assert [(each.socket, each.kind) for each in found] == [("e.s", "plain")]


def test_durable_senders_are_read() -> None:
    found = sources(plan({"bind": "b.t", "connect": "a.t", "delivery": "durable"}), "e")
    assert found == [Source("e", f"a-{number}.t", "journal") for number in range(2)]


@pytest.mark.parametrize(
    ("bind", "connect", "why"),
    [
        ("b.s", "a.s", "e: its publishers connect, .*: bind at the publisher"),
        ("a.x", "b.s", "e: the program behind an XPUB hears who subscribes"),
        ("b.t", "a.t", "e: each message goes to one PULL, .* delivery: durable keeps it readable"),
        ("b.r", "a.r", "e: what goes between REP and REQ goes to one peer"),
    ],
)
def test_why_nobody_can_listen(bind: str, connect: str, why: str) -> None:
    with pytest.raises(NotTappableError, match=why):
        sources(plan({"bind": bind, "connect": connect}), "e")
