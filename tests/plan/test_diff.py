from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from orchestrator.plan.build import build
from orchestrator.plan.diff import differences
from orchestrator.plan.model import Plan, dump, load
from tests.plan.test_build import meshes
from tests.support.topologies import plan, read

BASE = """\
name: m
nodes:
  feed: {python: "feed:main", args: {rate: 1}, sockets: {ticks: PUB}}
  bot: {python: "bot:main", replicas: 3, env: {SECRET: hunter2}, sockets: {in: {type: SUB, subscribe: ""}}}
  ask: {command: ask, ready: {command: "true"}}
edges:
  ticks: {bind: feed.ticks, connect: bot.in}
"""


def built(text: str) -> Plan:
    return build(read(text))


@pytest.mark.parametrize(
    ("was", "comes", "told"),
    [
        ("replicas: 3", "replicas: 5", ["bot: 3 processes, not 5"]),
        ("hunter2", "hunter3", ["bot: env SECRET"]),
        ("rate: 1", "rate: 2", ["feed: args rate"]),
        ('"bot:main"', '"bot:other"', ["bot: python"]),
        ("command: ask", "command: ask me", ["ask: command"]),
        ('command: "true"', 'command: "false"', ["ask: ready"]),
        ("name: m\n", "name: m\nlogs: {files: 7}\n", ["logs"]),
        ('subscribe: ""', "subscribe: A", ["bot: socket in"]),
        ("connect: bot.in", "connect: bot.in, transport: tcp", ["its endpoints"]),
        ("  ticks: {bind", "  prices: {bind", ["edge ticks is gone", "edge prices is new"]),
        ("  ask: {", "  asks: {", ["ask is gone", "asks is new"]),
        ("args: {rate: 1}", "args: {rate: 1}, restart: never, critical: true", ["feed: critical, restart"]),
    ],
)
def test_what_differs_is_named_and_no_value_is_told(was: str, comes: str, told: list[str]) -> None:
    assert was in BASE
    found = differences(built(BASE), built(BASE.replace(was, comes)))
    assert found == told


def test_where_things_stand_makes_no_difference() -> None:
    moved = built("# moved\n" + BASE)
    assert differences(built(BASE), replace(moved, files=("elsewhere.yaml",))) == []


@given(meshes(), meshes())
def test_plans_without_differences_are_the_same(one: tuple, other: tuple) -> None:  # type: ignore[type-arg]
    first, second = plan(*one), plan(*other)
    assert differences(first, load(dump(first))) == []
    same = replace(first, files=(), declared={}) == replace(second, files=(), declared={})
    assert (not differences(first, second)) == same
