"""``config``: what is printed is the language, loads as the same topology, and says where it was written."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.topology.dump.plain_data import duration, plain, size
from orchestrator.topology.dump.yaml_writer import emit
from orchestrator.topology.load import load
from orchestrator.topology.model import Topology
from orchestrator.topology.parse.document import read
from orchestrator.topology.parse.scalars import as_value
from orchestrator.zeromq.quantities import parse_duration, parse_size
from tests.support.documents import as_yaml, documents
from tests.topology.texts import NODE, topology

FEW = settings(suppress_health_check=list(HealthCheck))


def values(topology: Topology) -> dict[str, Any]:
    return topology.model_dump(exclude={"files", "defaults"})


def again(found: Topology) -> Topology:
    return load(["-"], stdin=emit(plain(found)))


@FEW
@given(documents())
def test_what_is_printed_loads_as_the_same(document: dict[str, Any]) -> None:
    found = topology(as_yaml(document))
    assert values(again(found)) == values(found)


@pytest.mark.parametrize(
    "text",
    [
        "kind: job",
        "{kind: main, restart: on-failure}",
        "restart: {max_attempts: unlimited}",
        "ready: {within: 3s}",
        "ready: {log: '^$${x} ${index}$', interval: 100us}",
        "live: {}",
        "each: [a, 0010, 3, true, -0]",
        "each: {a: 0x10, b: {c: ['${index}', 010, null]}}",
        "replicas: 0",
        "args: {a: '$${index} $${x} ${index} $$${y} $', b: [1.5, {c: null}], d: '1.10', e: 'null', f: ~}",
        "args: {a: .inf, b: -.inf, c: 1e20, d: 0o17, e: 010, f: '1e5', g: 'yes', h: '- x', i: 'a: b', j: ' #'}",
        "env: {A: 0010, B: no, C: 'a\tb\nc', D: '', E: \"\\x7f\\u0085\\u2028\\U0001f600\", F: '${endpoint.s}'}",
        "env: {A: '$${endpoint.s} $${node}', B: '*x', C: '&x', D: '!x', E: '%x', F: '{', G: '[a', H: 'a,b'}",
        "interpreter: '$${index}/$${x}'",
        "working_dir: a/${process}",
        "env_file: [a, '../${key}-$${x}']",
        "limits: {memlock: unlimited, core: 0, memory: 1000MB, nofile: 3}",
        "resources: {cpu: 1.5, gpu: 1, labels: {a: 010}, memory: 1.5GiB}",
        "sockets: {s: {type: SUB, subscribe: [a, {hex: ff}, '${index}', '$${x}'], routing_id: {hex: '00'}}}",
        "sockets: {s: {type: SUB, subscribe: [{hex: ''}, {hex: '61'}]}}",
        "sockets: {s: {type: SUB, subscribe: [], routing_id: '${process}'}, t: {type: ROUTER, routing_id: 'a b'}}",
        "stdin: \"a\\nb\\n\"",
    ],
)  # fmt: skip
def test_values(text: str) -> None:
    lines = f"    {text}\n"
    if text.startswith("{"):
        lines = "".join(f"    {each}\n" for each in text[1:-1].split(", "))
    if "${key}" in text:
        lines += "    each: [x]\n"
    found = topology(f"{NODE}{lines}")
    again_ = again(found)
    assert values(again_) == values(found)
    assert repr(values(again_)) == repr(values(found))  # types too


def test_numbers_that_are_none_come_back() -> None:
    x = again(topology(f"{NODE}    args: {{x: .nan}}\n")).nodes["a"].args["x"]
    assert isinstance(x, float)
    assert math.isnan(x)


def test_edges_and_the_rest() -> None:
    text = """
nodes:
  a: {python: 'm:f', replicas: 2, sockets: {s: PUSH, t: PULL}}
  x: {external: true, public_key: k, sockets: {s: PULL}}
edges:
  a: {bind: a.t, connect: [a.s], pairing: {kind: tree, arity: 3}}
  b: {bind: a.t, connect: [a-0.s, a-1.s], pairing: {kind: pairs, pairs: [[0, 1], [1, x]]}, transport: tcp}
  c: {bind: a.t, connect: [], endpoint: "tcp://*:560${index}", pairing: ring}
  d: {bind: a.s, connect: x.s, endpoint: "tcp://127.0.0.1:1"}
logs: {max_size: 1000B, files: 2}
lint: {ignore: Z1, select: [Z2, Z3]}
"""
    found = topology(text)
    assert values(again(found)) == values(found)


def test_a_program_of_another_folder_runs_there_still(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/a.yaml").write_text("nodes: {a: {python: 'm:f'}}")
    (tmp_path / "main.yaml").write_text("include: sub/a.yaml\nnodes: {b: {python: 'm:f'}}")
    data = plain(load([tmp_path / "main.yaml"]))
    assert data["nodes"] == {"a": {"python": "m:f", "working_dir": str(tmp_path / "sub")}, "b": {"python": "m:f"}}


TEXTS = st.one_of(st.text(max_size=12), st.text(alphabet="ab:-[]{}&*!|>'\"%@`#,?<~ \n\t$.01eEox+", max_size=9))
SCALARS = st.one_of(TEXTS, st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False))
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS.filter("<<".__ne__), inner, max_size=4),
    max_leaves=15,
)


@FEW
@given(st.dictionaries(TEXTS.filter("<<".__ne__), TREES, max_size=4), st.booleans())
def test_any_data_reads_as_it_was(data: dict[str, Any], comments: bool) -> None:
    document = read(emit(data, lambda path: "a: 'b'\n" if comments else "").encode(), "f.yaml")
    assert document.problems == []
    assert as_value(document.data) == data


def test_a_long_key_and_a_long_list() -> None:
    data = {"k" * 2_000: ["x" * 30] * 9, "b": {"c" * 1_500: {}}}
    assert read(emit(data).encode(), "f.yaml").data == data


@FEW
@given(st.floats(1e-9, 1e9) | st.sampled_from([0.0, 0.1, 90.0, 1e-6, 1 / 3]))
def test_durations(seconds: float) -> None:
    known = parse_duration(f"{seconds:.9f}us")
    assert parse_duration(duration(known)) == known


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.1, "100ms"), (90, "90s"), (3600, "1h"), (60, "1m"), (0.0001, "100us"), (1.5, "1500ms")]
)
def test_durations_are_short(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@FEW
@given(st.integers(1, 10**15 - 1) | st.integers(1, 999).map(lambda number: number * 2**40))
def test_sizes(number: int) -> None:
    assert parse_size(size(number)) == number


def test_origins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text(
        """name: base
include: inc.yaml
vars: {n: 2, m: "${n}", e: "${env.E}"}
defaults:
  node: {stop: {grace: 1s}}
  socket: {linger: 1s, PUB: {sndhwm: 9}}
templates:
  t: {python: m:f, env: {T: 1}}
nodes:
  a:
    extends: t
    replicas: ${m}
    kind: job
    depends_on: [b]
    env: {A: "${e}"}
    sockets: {s: {type: PUB, rcvhwm: 1}}
"""
    )
    Path("inc.yaml").write_text("nodes: {b: {command: x, restart: never}}")
    Path("over.yaml").write_text("vars: {n: 3}\nnodes: {a: {env: {T: 2}}}")
    found = load(["base.yaml", "over.yaml"], sets={}, environ={"E": "x"})
    told = {
        ("name",): "base.yaml:1:7",
        ("nodes", "a", "python"): "base.yaml:8:15",
        ("nodes", "a", "replicas"): "base.yaml:12:15; m is written in base.yaml:3:17; "
        "n written in base.yaml:3:11, overlaid by over.yaml:1:11",
        ("nodes", "a", "env", "T"): "over.yaml:2:22, over base.yaml:8:29",
        ("nodes", "a", "env", "A"): "base.yaml:15:14; e is written in base.yaml:3:28; env.E comes from the environment",
        ("nodes", "a", "restart", "policy"): "",
        ("nodes", "a", "depends_on", "b"): "base.yaml:14:17",
        ("nodes", "a", "stop", "grace"): "base.yaml:5:24",
        ("nodes", "a", "sockets", "s", "type"): "base.yaml:16:25",
        ("nodes", "a", "sockets", "s", "sndhwm"): "base.yaml:6:38",
        ("nodes", "a", "sockets", "s", "linger"): "base.yaml:6:20",
        ("nodes", "a", "sockets", "s", "rcvhwm"): "base.yaml:16:38",
        ("nodes", "b", "restart", "policy"): "inc.yaml:1:34",
    }
    assert {path: found.provenance(path) for path in told} == told
    text = emit(plain(found), found.provenance)
    assert "replicas: 3  # base.yaml:12:15; m is" in text
    assert values(load(["-"], stdin=text)) == values(found)
