"""What people write and what the model has: short forms, units, text, defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestrator.topology.model import Edge, Node, Pairing, Socket
from tests.topology.texts import NODE, problems, topology


def node(text: str, before: str = "") -> Node:
    return topology(f"{before}{NODE}    {text}\n").nodes["a"]


def socket(text: str, before: str = "") -> Socket:
    return node(f"sockets: {{s: {text}}}", before).sockets["s"]


def edge(text: str) -> Edge:
    nodes = "nodes:\n  a: {python: 'm:f', sockets: {s: PUSH}}\n  b: {python: 'm:f', sockets: {s: PULL}}\n"
    return topology(f"{nodes}edges: {{e: {{{text}}}}}\n").edges["e"]


def test_a_node_of_few_words() -> None:
    found = node("")
    assert (found.python, found.command, found.external, found.replicas) == ("m:f", None, False, None)
    assert (found.kind, found.critical, found.ready, found.restart.policy) == ("service", False, None, "on-failure")
    assert (found.stop.signal, found.stop.grace, found.stop.drain) == ("TERM", 10.0, True)
    assert (found.args, found.env, found.sockets, found.depends_on) == ({}, {}, {}, {})


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("restart: always", "restart.policy", "always"),
        ("restart: {policy: never, delay: 100us}", "restart.delay", 0.0001),
        ("restart: {max_delay: 1m30s}", "restart.max_delay", 90.0),
        ("restart: {max_attempts: unlimited}", "restart.max_attempts", None),
        ("restart: {max_attempts: 0x10}", "restart.max_attempts", 16),
        ("restart: {window: 1h}", "restart.window", 3600.0),
        ("kind: job", "restart.policy", "never"),
        ("kind: main", "restart.policy", "never"),
        ("{kind: main, restart: on-failure}", "restart.policy", "on-failure"),
        ("{kind: main, restart: {delay: 1s}}", "restart.policy", "never"),
        ("{kind: main, restart: {delay: 1s}}", "restart.delay", 1.0),
        ("ready: notify", "ready.how", "notify"),
        ("ready: library", "ready.how", "library"),
        ("ready: listening", "ready.how", "listening"),
        ("ready: {notify: true, within: 5s}", "ready.how", "notify"),
        ("ready: {notify: True}", "ready.how", "notify"),
        ("ready: {notify: true, within: 5s}", "ready.within", 5.0),
        ("ready: {within: 5s}", "ready.how", "library"),
        ("stop: {signal: INT, grace: 0s, drain: false}", "stop.grace", 0.0),
        ("critical: TRUE", "critical", True),
        ("replicas: 0", "replicas", 0),
        ("replicas: 010", "replicas", 10),
        ("replicas: null", "replicas", None),
        ("env: {A: 1.10, B: 0010, C: no, D: True, E: null, F: 3}", "env",
         {"A": "1.10", "B": "0010", "C": "no", "D": "True", "F": "3"}),
        ("args: {a: 1.10, b: 0010, c: no, d: True, e: [0x10, {f: .5}]}", "args",
         {"a": 1.1, "b": 10, "c": "no", "d": True, "e": [16, {"f": 0.5}]}),
        ("interpreter: 2026", "interpreter", "2026"),
        ("stdin: 1.0", "stdin", "1.0"),
        ("x-note: {any: thing}", "python", "m:f"),
        ("{start: auto, restart: null}", "restart.policy", "on-failure"),
    ],
)  # fmt: skip
def test_nodes(text: str, path: str, value: Any) -> None:
    text = text.removeprefix("{").removesuffix("}").replace(", restart", "\n    restart") if text[0] == "{" else text
    found: Any = node(text)
    for step in path.split("."):
        found = getattr(found, step)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("./x --rate 1.10 'a b'", "./x --rate 1.10 'a b'"),
        ("[./x, --rate, 1.10, 0010, no, 3, true]", ("./x", "--rate", "1.10", "0010", "no", "3", "true")),
    ],
)
def test_commands(text: str, command: Any) -> None:
    assert topology(f"nodes: {{a: {{command: {text}}}}}").nodes["a"].command == command


def test_within_alone_leaves_a_command_listening() -> None:
    ready = topology("nodes: {a: {command: x, ready: {within: 5s}}}").nodes["a"].ready
    assert ready is not None
    assert ready.how == "listening"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("b", {"b": "ready"}),
        ("[b, c]", {"b": "ready", "c": "ready"}),
        ("{b: started, c: done}", {"b": "started", "c": "done"}),
        ("[]", {}),
    ],
)
def test_depends_on(text: str, value: dict[str, str]) -> None:
    others = "  b: {python: 'm:f'}\n  c: {python: 'm:f', kind: job}\n"
    assert topology(f"{NODE}    depends_on: {text}\n{others}").nodes["a"].depends_on == value


@pytest.mark.parametrize(
    ("text", "type_", "options", "subscribe"),
    [
        ("PUSH", "PUSH", {}, None),
        ("{type: PUSH}", "PUSH", {}, None),
        ("{type: PUSH, linger: 2s, sndbuf: 512KiB, sndhwm: 5, immediate: true}", "PUSH",
         {"linger": 2000, "sndbuf": 524288, "sndhwm": 5, "immediate": 1}, None),
        ("{type: PUSH, linger: 0, sndhwm: 0x10}", "PUSH", {"linger": 0, "sndhwm": 16}, None),
        ("{type: PUSH, linger: null, x-y: 1}", "PUSH", {}, None),
        ("{type: ROUTER, routing_id: 0010}", "ROUTER", {"routing_id": b"0010"}, None),
        ('{type: ROUTER, routing_id: {hex: 0102}}', "ROUTER", {"routing_id": b"\x01\x02"}, None),
        ("{type: SUB, subscribe: ''}", "SUB", {}, ("",)),
        ("{type: SUB, subscribe: []}", "SUB", {}, ()),
        ("{type: SUB, subscribe: [AAPL, 0010, 3, {hex: ff}]}", "SUB", {}, ("AAPL", "0010", "3", b"\xff")),
    ],
)  # fmt: skip
def test_sockets(text: str, type_: str, options: dict[str, Any], subscribe: Any) -> None:
    found = socket(text)
    assert (found.type, found.options, found.subscribe) == (type_, options, subscribe)


def test_equal_values_of_other_types_are_not_mixed_up() -> None:
    found = node("sockets: {s: {type: PUSH, immediate: true, sndhwm: 1}, t: {type: PUSH, immediate: 1, sndhwm: 1}}")
    assert found.sockets["s"] == found.sockets["t"]


@pytest.mark.parametrize(
    ("text", "bind", "connect"),
    [
        ("bind: a.s, connect: b.s", ("a.s",), ("b.s",)),
        ("bind: [a.s], connect: [b.s]", ("a.s",), ("b.s",)),
        ("bind: a.s, connect: [], endpoint: 'tcp://*:5600-5649'", ("a.s",), ()),
        ("bind: a.s, connect: b.s, delivery: plain, security: none, x-why: 1", ("a.s",), ("b.s",)),
    ],
)
def test_edges(text: str, bind: tuple[str, ...], connect: tuple[str, ...]) -> None:
    found = edge(text)
    assert (found.bind, found.connect) == (bind, connect)


DEFAULTS = """
defaults:
  node: {env: {A: 1, B: 2}, args: {deep: {x: 1, y: 2}}, restart: {policy: always, delay: 1s}, interpreter: py,
         ready: {notify: true, within: 9s}, stop: {grace: 1s}, depends_on: z, critical: true}
  edge: {transport: tcp, pairing: spread}
  socket: {linger: 2s, router_mandatory: true, subscribe: "", sndhwm: 7, PUB: {sndhwm: 9}, SUB: {rcvhwm: 8}}
nodes:
  z: {command: sleep 1, sockets: {p: PUB, s: SUB, t: {type: SUB, subscribe: x, linger: null}, r: ROUTER}}
  a:
    python: m:f
    env: {B: 3}
    args: {deep: {y: 3}}
    restart: never
    ready: library
    stop: null
    critical: null
    sockets: {p: {type: PUB, sndhwm: 1}}
  e: {external: true, sockets: {s: SUB}}
edges:
  ours: {bind: z.p, connect: z.s}
  written: {bind: a.p, connect: e.s, endpoint: "tcp://*:5600"}
"""


def test_defaults_of_nodes() -> None:
    nodes = topology(DEFAULTS).nodes
    a, z, e = nodes["a"], nodes["z"], nodes["e"]
    assert a.env == {"A": "1", "B": "3"}
    assert a.args == {"deep": {"x": 1, "y": 3}}
    assert (a.restart.policy, a.restart.delay) == ("never", 1.0)
    assert a.ready is not None
    assert (a.ready.how, a.ready.within) == ("library", 9.0)
    assert (a.stop.grace, a.critical) == (10.0, False)
    assert a.depends_on == {"z": "ready"}
    assert (a.interpreter, z.interpreter) == ("py", None)
    assert (z.stop.grace, z.critical, z.depends_on) == (1.0, True, {})
    assert (e.env, e.restart.policy, e.depends_on) == ({}, "on-failure", {})


def test_defaults_of_edges() -> None:
    edges = topology(DEFAULTS).edges
    spread = Pairing(kind="spread")
    assert (edges["ours"].transport, edges["ours"].pairing) == ("tcp", spread)
    assert (edges["written"].transport, edges["written"].pairing) == ("auto", spread)


def test_defaults_of_sockets_go_where_they_can_apply() -> None:
    nodes = topology(DEFAULTS).nodes
    sockets = nodes["z"].sockets
    assert sockets["p"].options == {"linger": 2000, "sndhwm": 9}
    assert nodes["a"].sockets["p"].options == {"linger": 2000, "sndhwm": 1}
    assert (sockets["s"].options, sockets["s"].subscribe) == ({"linger": 2000, "sndhwm": 7, "rcvhwm": 8}, ("",))
    assert (sockets["t"].options, sockets["t"].subscribe) == ({"sndhwm": 7, "rcvhwm": 8}, ("x",))
    assert sockets["r"].options == {"linger": 2000, "sndhwm": 7, "router_mandatory": 1}


def test_wrong_defaults_are_said_once() -> None:
    text = "defaults: {node: {stop: {grace: 5}}, socket: {linger: x}}\nnodes:\n" + "".join(
        f"  n{number}: {{python: 'm:f', sockets: {{s: PUSH, t: PULL}}}}\n" for number in range(5)
    )
    assert [problem.path for problem in problems(text)] == ["defaults.node.stop.grace", "defaults.socket.linger"]


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("start: manual", "start", "manual"),
        ("profiles: debug", "profiles", ("debug",)),
        ("profiles: [debug, trace]", "profiles", ("debug", "trace")),
        ("env_file: .env", "env_file", (str(Path.cwd() / ".env"),)),
        ("env_file: [/a, '../${process}']", "env_file", ("/a", str(Path.cwd().parent / "${process}"))),
        ("limits: {memory: 512MiB}", "limits.memory", 512 * 1024**2),
        ("limits: {nofile: 0x10}", "limits.nofile", 16),
        ("limits: {memlock: unlimited}", "limits.memlock", "unlimited"),
        ("limits: {memlock: 64KiB}", "limits.memlock", 65536),
        ("limits: {core: 0}", "limits.core", 0),
        ("cpu: {cores: 3}", "cpu.cores", (3,)),
        ("cpu: {cores: [0, 1], nice: -5}", "cpu.cores", (0, 1)),
        ("cpu: {nice: -5}", "cpu.nice", -5),
        ("cpu: {realtime: 80}", "cpu.realtime", 80),
        ("resources: {cpu: 1.50, gpu: 1, memory: 1GiB}", "resources.cpu", 1.5),
        ("resources: {gpu: 0.5, labels: {a: 010}}", "resources.labels", {"a": "010"}),
        ("ready: {command: [x, 1.10]}", "ready.command", ("x", "1.10")),
        ("ready: {command: 'x --to ${endpoint.s}'}", "ready.command", "x --to ${endpoint.s}"),
        ("ready: {log: '^up$', interval: 20ms}", "ready.how", "log"),
        ("ready: {http: 'http://127.0.0.1:80${index}/'}", "ready.how", "http"),
        ("ready: {http: 'http://x', interval: 20ms}", "ready.interval", 0.02),
        ("live: {}", "live.timeout", 30.0),
        ("live: {command: x, retries: 1}", "live.retries", 1),
        ("each: [left, 0010, 3, true]", "each", {"left": "left", "0010": "0010", "3": 3, "true": True}),
        ("each: {left: {device: '/dev/${index}'}, right: 3, gone: null}", "each",
         {"left": {"device": "/dev/${index}"}, "right": 3}),
        ("each: []", "each", {}),
    ],
)  # fmt: skip
def test_nodes_in_full(text: str, path: str, value: Any) -> None:
    found: Any = node(text)
    for step in path.split("."):
        found = getattr(found, step)
    assert found == value


def test_what_is_said_of_one_kind_of_node() -> None:
    text = "nodes: {a: {command: x, speaks: [batch, retry]}, b: {external: true, public_key: keys, profiles: p}}"
    nodes = topology(text).nodes
    assert nodes["a"].speaks == ("batch", "retry")
    assert (nodes["b"].public_key, nodes["b"].profiles) == (str(Path.cwd() / "keys"), ("p",))


def test_an_item_at_the_end_of_an_edge() -> None:
    text = (
        "nodes: {c-d: {command: x, each: [l, r-s], sockets: {s: PUSH}}, b: {command: x, sockets: {s: PULL}}}\n"
        "edges: {e: {bind: b.s, connect: [c-d-r-s.s, c-d-l.s]}}"
    )
    assert topology(text).edges["e"].connect == ("c-d-r-s.s", "c-d-l.s")


@pytest.mark.parametrize(
    ("text", "pairing"),
    [
        ("ring", Pairing(kind="ring")),
        ("tree", Pairing(kind="tree")),
        ("{kind: tree, arity: 3}", Pairing(kind="tree", arity=3)),
        ("{kind: pairs, pairs: [[0, 1], [1, left]]}", Pairing(kind="pairs", pairs=((0, 1), (1, "left")))),
    ],
)
def test_pairings(text: str, pairing: Pairing) -> None:
    assert edge(f"bind: a.s, connect: b.s, pairing: {text}").pairing == pairing


def test_defaults_lie_under_what_excludes_them() -> None:
    text = """
defaults:
  node: {live: {http: "http://x", retries: 5}, ready: {log: up, within: 9s}, speaks: retry}
  edge: {pairing: {kind: tree, arity: 4}}
nodes:
  a: {python: 'm:f', live: {command: x}, ready: notify, replicas: 3, sockets: {s: PUSH, t: PULL}}
edges:
  e: {bind: a.t, connect: a.s, pairing: {arity: 3}}
  f: {bind: a.t, connect: a.s, pairing: ring}
"""
    found = topology(text)
    a = found.nodes["a"]
    assert a.live is not None
    assert (a.live.command, a.live.http, a.live.retries, a.speaks) == ("x", None, 5, ())
    assert a.ready is not None
    assert (a.ready.how, a.ready.log, a.ready.within) == ("notify", None, 9.0)
    assert found.edges["e"].pairing == Pairing(kind="tree", arity=3)
    assert found.edges["f"].pairing == Pairing(kind="ring")
