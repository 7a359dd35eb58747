"""What a node says of restart, ready, live, stop, logs, limits and cpu is the same from the file to the keeper.

The file's model checks what people write, the plan's is read without pydantic, a launch order is for the keeper: so
there is one of each. A field that is added to one of them and not to the others fails here.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from orchestrator.contract.codec import types
from orchestrator.contract.launch import Launch
from orchestrator.keeper import bounds as keeper
from orchestrator.plan import model as plan
from orchestrator.plan.build import build
from orchestrator.supervisor.runtime.launch_files import limits_of
from orchestrator.topology import model as topology
from orchestrator.topology.load import load

PROBES = {"command", "http", "log"}
"""What a Probe of the plan holds; it differs by process, so it is none of the node's."""

READY_KINDS = {"library", "listening", "notify", *PROBES}
"""What a file says in a key each, and a plan in ``how``."""

WATCHED = {"memory"}
"""Limits that the supervisor watches; the others are the kernel's, by setrlimit(2)."""

WRITTEN = """
nodes:
  feed:
    command: [feed]
    restart: {policy: always, delay: 250ms, max_delay: 31s, max_attempts: 6, window: 61s}
    ready: {log: up, interval: 1500ms, within: 62s}
    live: {http: "http://localhost:1", interval: 6s, timeout: 32s, retries: 4}
    stop: {signal: INT, grace: 11s, drain: false}
    limits: {memory: 1GiB, nofile: 100, memlock: 64MiB, core: unlimited}
    cpu: {cores: [0, 1], nice: 3, realtime: 5}
logs: {max_size: 1MiB, files: 5}
"""
"""Every field, at no default."""


def of_file(*models: type[topology.Part]) -> dict[str, Any]:
    """Give the fields of models of the file, with their defaults."""
    return {name: field.default for model in models for name, field in model.model_fields.items()}


def of_plan(model: Any) -> dict[str, Any]:
    return {field.name: field.default for field in dataclasses.fields(model)}


def without(fields: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: default for name, default in fields.items() if name not in names}


@pytest.mark.parametrize("name", ["Restart", "Stop", "Logs"])
def test_fields_and_defaults_of_plan_and_file_are_the_same(name: str) -> None:
    assert of_plan(getattr(plan, name)) == of_file(getattr(topology, name))


def test_fields_and_defaults_of_what_is_asked_are_the_same_but_for_what_is_asked() -> None:
    assert of_plan(plan.Live) == without(of_file(topology.Live), PROBES)
    assert without(of_plan(plan.Ready), {"how"}) == without(of_file(topology.Ready), READY_KINDS)
    assert of_plan(plan.Probe).keys() == PROBES


def test_limits_are_the_same_in_file_plan_launch_order_and_keeper() -> None:
    limits, cpu = of_file(topology.Limits), of_file(topology.Cpu)
    assert of_plan(plan.ResourceLimits) == limits | cpu
    assert keeper.LIMITS.keys() == limits.keys() - WATCHED
    assert {name: each for name, each in of_plan(Launch).items() if name in cpu} == cpu
    assert limits_of(None) == {}
    assert {"limits", *cpu} == limits_of(plan.ResourceLimits()).keys() <= types(Launch).keys()


def test_every_value_comes_from_the_file_to_the_launch_order(tmp_path: Path) -> None:
    file = tmp_path / "t.yaml"
    file.write_text(WRITTEN)
    read = load([file], {}, {})
    written, made = read.nodes["feed"], build(read)
    node, process = made.node["feed"], made.process["feed"]
    assert node.bounds is not None
    assert written.ready is not None
    assert written.live is not None
    pairs: list[tuple[Any, Any]] = [
        *((written.restart, node.restart), (written.stop, node.stop), (read.logs, made.logs)),
        *((written.live, node.live), (written.ready, node.ready)),
        *((written.limits, node.bounds), (written.cpu, node.bounds)),
        *((written.ready, process.ready), (written.live, process.live)),
    ]
    for before, after in pairs:
        for name in type(before).model_fields.keys() & of_plan(type(after)).keys():
            value = getattr(before, name)
            default = type(before).model_fields[name].default
            if name in PROBES and value is None:
                continue
            assert value != default, f"{name} is at its default: nothing is shown"
            assert getattr(after, name) == (-1 if value == "unlimited" else value), name
    order = limits_of(node.bounds)
    assert order.pop("limits") == {"nofile": 100, "memlock": 64 << 20, "core": -1}
    assert order == {"cores": (0, 1), "nice": 3, "realtime": 5}
