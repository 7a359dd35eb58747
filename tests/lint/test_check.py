"""The linter as a whole: what it is asked for, what it does not know, and how long it takes."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.lint.check import check
from orchestrator.lint.core.facts import Facts, Program
from orchestrator.lint.docs import TOPOLOGY, read
from orchestrator.lint.rules import RULES
from orchestrator.plan.build import build
from orchestrator.topology.diagnostics.diagnostic import Diagnostic
from orchestrator.topology.load import load
from orchestrator.topology.model import Topology
from tests.lint.examples import findings
from tests.lint.meshes import Mesh, sound
from tests.lint.plants import PLANTS

OF_THE_MACHINE = {"Z206", "Z207", "Z506", "Z601", "Z602", "Z603", "Z610", "Z316"}


def loaded(nodes: dict[str, Any], edges: dict[str, Any] | None = None, **top: Any) -> Topology:
    return load(["-"], {}, {}, stdin=json.dumps({"name": "mesh", "nodes": nodes, "edges": edges or {}, **top}))


def codes(topology: Topology, **how: Any) -> list[str]:
    return [each.code for each in check(topology, build(topology), **how)]


PUB = {"python": "a:main", "sockets": {"x": "PUB", "y": "PUB"}}
SUB = {"python": "b:main", "sockets": {"x": {"type": "SUB"}}}
EDGE = {"bind": "a.x", "connect": "b.x", "transport": "tcp"}


def test_rules_are_chosen_by_code_and_by_how_codes_begin() -> None:
    topology = loaded({"a": PUB, "b": SUB}, {"e": EDGE})
    assert codes(topology) == ["Z103", "Z301", "Z212"]
    assert codes(topology, select=["Z3"]) == ["Z301"]
    assert codes(topology, ignore=["Z1", "Z212"]) == ["Z301"]
    assert codes(topology, select=["Z3", "Z1"], ignore=["Z301"]) == ["Z103"]


def test_a_file_chooses_too() -> None:
    topology = loaded({"a": PUB, "b": SUB}, {"e": EDGE}, lint={"ignore": ["Z212", "Z103"]})
    assert codes(topology) == ["Z301"]
    assert codes(topology, ignore=["Z3"]) == []


def test_what_is_not_known_is_not_told(tmp_path: Path) -> None:
    for rule in RULES.values():
        files = read(rule.about).bad
        (tmp_path / TOPOLOGY).write_text(files[TOPOLOGY])
        if rule.code in OF_THE_MACHINE:
            topology = load([tmp_path / TOPOLOGY], {}, {})
            assert rule.code not in codes(topology, facts=Facts())


def test_options_that_come_from_defaults_are_not_told() -> None:
    push = {"python": "a:main", "sockets": {"x": "PUSH"}}
    pull = {"python": "b:main", "sockets": {"x": "PULL"}}
    edges = {"e": {"bind": "b.x", "connect": "a.x"}}
    defaults = {"socket": {"linger": -1, "sndhwm": 0, "immediate": True, "heartbeat_ivl": "1s", "tcp_keepalive": True}}
    assert codes(loaded({"a": push, "b": pull}, edges, defaults=defaults)) == []
    written = {"python": "a:main", "sockets": {"x": {"type": "PUSH", **defaults["socket"]}}}
    assert {"Z404", "Z405", "Z311", "Z315"} <= set(codes(loaded({"a": written, "b": pull}, edges, defaults=defaults)))


def test_nodes_that_are_off_do_not_count() -> None:
    """Two sets of nodes of which one is on at a time may bind the same address."""
    endpoint = {"endpoint": "tcp://127.0.0.1:5556"}
    nodes = {
        "live": {**PUB, "sockets": {"x": "PUB"}, "profiles": ["live"], "replicas": 2},
        "test": {**PUB, "sockets": {"x": "PUB"}, "profiles": ["test"]},
        "b": {"python": "b:main", "replicas": 3, "sockets": {"x": {"type": "SUB", "subscribe": ""}}},
    }
    edges = {
        "one": {"bind": "live-0.x", "connect": "b.x", "pairing": "all", **endpoint},
        "two": {"bind": "test.x", "connect": "b.x", **endpoint},
    }
    topology = loaded(nodes, edges)
    for profiles in ((), ("live",), ("test",)):
        assert [str(each) for each in check(topology, build(topology, profiles)) if each.severity == "error"] == []


def test_findings_come_in_the_order_of_the_file() -> None:
    topology = loaded({"a": PUB, "b": SUB}, {"e": EDGE})
    found = check(topology, build(topology))
    assert found == sorted(found, key=lambda each: (each.line, each.column))
    assert all(isinstance(each, Diagnostic) and each.line for each in found)


@settings(suppress_health_check=list(HealthCheck))
@given(mesh=sound(), chosen=st.sets(st.sampled_from(sorted(PLANTS)), min_size=2, max_size=12), data=st.data())
def test_many_faults_at_once_raise_nothing(mesh: Mesh, chosen: set[str], data: st.DataObject) -> None:
    for code in sorted(chosen):
        PLANTS[code](data.draw, mesh)
    with tempfile.TemporaryDirectory() as folder:
        assert findings({TOPOLOGY: mesh.text(), **mesh.files}, Path(folder))


def large(count: int) -> tuple[Topology, Facts]:
    nodes = {
        f"n{number}": {"python": "work:main", "args": {"seed": number}, "sockets": {"out": "PUSH", "into": "PULL"}}
        for number in range(count)
    }
    edges = {f"e{number}": {"bind": f"n{number}.out", "connect": f"n{number - 1}.into"} for number in range(1, count)}
    program = Program("work.py", "def main(node, seed):\n    node.socket('out'), node.messages('into')\n")
    return loaded(nodes, edges), Facts(
        (4, 3, 5), {}, (32768, 60999), 1024, 1024, programs=dict.fromkeys(nodes, program)
    )


def seconds(count: int) -> float:
    topology, facts = large(count)
    plan = build(topology)
    began = time.process_time()
    found = check(topology, plan, facts)
    assert len(found) < 10
    return time.process_time() - began


def test_ten_thousand_nodes() -> None:
    seconds(100)
    assert seconds(10_000) < max(2.0, 40 * seconds(1_000))  # a fifth of a second on a quiet machine; linear is ten
