"""Links to what is outside of the mesh."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from orchestrator.plan.build import build
from orchestrator.plan.links import ExternalLink, links
from orchestrator.plan.model import Endpoint, Plan
from orchestrator.supervisor.policy.state import fresh
from orchestrator.supervisor.runtime import outside_monitor
from orchestrator.supervisor.runtime.outside_monitor import OutsideMonitor
from orchestrator.topology.load import load

TEXT = """
name: m
nodes:
  risk: {RISK, sockets: {gateway: REQ}}
  feed: {python: "feed:main", sockets: {ticks: PUB}}
  bot: {python: "bot:main", replicas: 2, sockets: {ticks: {type: SUB, subscribe: ""}}}
  exchange: {external: true, sockets: {orders: REP, ticks: SUB}}
edges:
  gateway: {bind: exchange.orders, connect: risk.gateway, endpoint: "GATEWAY"}
  ticks: {bind: feed.ticks, connect: [bot.ticks, exchange.ticks], endpoint: "tcp://127.0.0.1:7001"}
"""
LIBRARY, COMMAND = 'python: "risk:main"', "command: risk"


def plan(risk: str = LIBRARY, gateway: str = "tcp://127.0.0.1:7000") -> Plan:
    return build(load(["-"], stdin=TEXT.replace("RISK", risk).replace("GATEWAY", gateway)))


def endpoints(of: Plan) -> dict[str, Endpoint]:
    return {each.name: each for each in of.endpoints}


def test_both_directions_are_known() -> None:
    assert links(plan()).external == [
        ExternalLink("risk", "gateway", "exchange.orders", binds=False),
        ExternalLink("feed", "ticks", "feed.ticks", binds=True),
    ]


class Watched:
    """A mesh of which only risk runs, in this very process, looked at by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, risk: str, gateway: str) -> None:
        self.now, self.done = 0.0, []  # type: ignore[var-annotated]
        of = plan(risk, gateway)
        self.mesh = fresh(of, 0.0)
        self.risk = self.mesh.processes["risk"]
        self.risk.state, self.risk.pid, self.risk.generation, self.risk.released = "ready", 1, 1, True
        self.risk.ready_at = 1.0
        self.there = False
        monkeypatch.setattr(outside_monitor.outside, "up", lambda far, *_: {each: int(self.there) for each in far})
        monkeypatch.setattr(outside_monitor.asyncio, "get_running_loop", lambda: self)
        self.outside = OutsideMonitor(self.mesh, self.done.extend, lambda: endpoints(of), lambda: self.now)

    def call_later(self, *_: Any) -> None:
        """Stand in for the loop."""

    def at(self, now: float) -> list[tuple[bool, list[str]]]:
        self.now = now
        self.done.clear()
        self.outside.look()
        return [(each.values["up"], each.values["processes"]) for each in self.done]


def test_who_does_not_answer_is_told_once_and_when_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch, LIBRARY, "tcp://10.0.0.1:7000")
    assert [watched.at(now) for now in (0, 1, 2, 3)] == [[], [], [(False, ["risk"])], []]
    watched.there = True
    assert [watched.at(now) for now in (4, 5)] == [[(True, ["risk"])], []]
    watched.there = False
    assert watched.at(6) == [(False, ["risk"])]
    watched.risk.state = "backoff"
    assert watched.at(7) == []


def test_a_command_has_time_to_connect_where_somebody_may_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch, COMMAND, "tcp://10.0.0.1:7000")
    assert [watched.at(now) for now in (0, 3, 60, 61)] == [[], [], [], [(False, ["risk"])]]


def test_where_nobody_listens_on_this_machine_a_command_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        gateway = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        watched = Watched(monkeypatch, COMMAND, gateway)
        assert [watched.at(now) for now in (0, 3)] == [[], []]
    assert watched.at(4) == [(False, ["risk"])]
