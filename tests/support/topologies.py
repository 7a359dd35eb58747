"""Topologies for tests, written as Python data: JSON is YAML."""

from __future__ import annotations

import json
from typing import Any

from orchestrator.plan.build import build
from orchestrator.plan.model import Plan
from orchestrator.topology.diagnostics.diagnostic import Diagnostic
from orchestrator.topology.errors import InvalidTopologyError
from orchestrator.topology.load import load
from orchestrator.topology.model import Topology

MARKET = """\
name: market
vars:
  bots: 24
  exchange: ${env.EXCHANGE:-127.0.0.1}
defaults:
  socket: {linger: 2s, PUB: {sndhwm: 100000}}
nodes:
  feed:
    python: feed:main
    args: {file: ticks.csv, rate: 1000}
    sockets:
      ticks: PUB
  bot:
    python: bot:main
    replicas: ${bots}
    args: {seed: "${index}"}
    sockets:
      ticks: {type: SUB, subscribe: [AAPL, MSFT]}
      orders: PUSH
  book:
    command: ./book --in ${endpoint.orders}
    sockets:
      orders: PULL
      fills: {type: SUB, subscribe: ""}
  exchange:
    external: true
    sockets:
      fills: PUB
edges:
  ticks: {bind: feed.ticks, connect: bot.ticks}
  orders: {bind: book.orders, connect: bot.orders}
  fills: {bind: exchange.fills, connect: book.fills, endpoint: "tcp://${exchange}:9000"}
"""


def read(text: str) -> Topology:
    return load(["-"], {}, {}, stdin=text)


def topology(nodes: dict[str, Any], edges: dict[str, Any] | None = None) -> Topology:
    return read(json.dumps({"name": "mesh", "nodes": nodes, "edges": edges or {}}, indent=1))


def plan(nodes: dict[str, Any], edges: dict[str, Any] | None = None, *profiles: str) -> Plan:
    return build(topology(nodes, edges), profiles)


def problems(nodes: dict[str, Any], edges: dict[str, Any] | None = None, *profiles: str) -> list[Diagnostic]:
    try:
        build(topology(nodes, edges), profiles)
    except InvalidTopologyError as found:
        return found.problems
    raise AssertionError("nothing was refused")


def node(replicas: int | None = None, **sockets: Any) -> dict[str, Any]:
    return {"python": "m:main", "sockets": sockets, **({} if replicas is None else {"replicas": replicas})}
