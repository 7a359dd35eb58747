"""A variable that is missing is named alone: nothing that follows from it is found."""

from __future__ import annotations

import pytest

from orchestrator.project.examine import Wanted, examine

MESH = """\
nodes:
  a: {command: x, sockets: {s: PUSH}}
  b: {command: x, sockets: {s: PULL}}
edges:
  e: {bind: b.s, connect: a.s}
"""
EDGE = ['endpoint: "tcp://*:${p}"', 'endpoint: "${p}"', 'transport: "${p}"', 'pairing: "${p}"', 'batch: "${p}"',
        'delivery: "${p}"', 'security: "${p}"', 'delivery: {kind: durable, max_size: "${p}"}',
        'batch: {messages: "${p}"}']  # fmt: skip
NODE = ['replicas: "${p}"', 'each: "${p}"', 'each: ["${p}"]', 'each: {k: "${p}"}', 'kind: "${p}"', 'restart: "${p}"',
        'ready: "${p}"', 'depends_on: "${p}"', 'depends_on: ["${p}"]', 'depends_on: {b: "${p}"}', 'env: {A: "${p}"}',
        'stop: {grace: "${p}"}', 'limits: {memory: "${p}"}', 'critical: "${p}"', 'profiles: "${p}"', 'start: "${p}"',
        'cpu: {cores: "${p}"}', 'live: {command: x, interval: "${p}"}', 'env: "${p}"', 'env_file: "${p}"']  # fmt: skip
SWAPS = [
    ("command: x, sockets: {s: PUSH}", 'command: "${p}", sockets: {s: PUSH}'),
    ("command: x, sockets: {s: PUSH}", 'python: "${p}", sockets: {s: PUSH}'),
    ("command: x, sockets: {s: PUSH}", 'external: "${p}", sockets: {s: PUSH}'),
    ("command: x, sockets: {s: PUSH}", 'device: "${p}", sockets: {s: PUSH}'),
    ("{command: x, sockets: {s: PUSH}}", '"${p}"'),
    ("s: PUSH", 's: "${p}"'),
    ("{s: PUSH}", '"${p}"'),
    ("s: PUSH", 's: {type: PUSH, sndhwm: "${p}"}'),
    ("bind: b.s", 'bind: "${p}"'),
    ("bind: b.s", 'bind: ["${p}"]'),
    ("bind: b.s", 'bind: "b.${p}"'),
    ("connect: a.s", 'connect: "${p}"'),
    ("{bind: b.s, connect: a.s}", '"${p}"'),
    ("edges:\n  e: {bind: b.s, connect: a.s}\n", 'edges: "${p}"\n'),
    ("nodes:", 'defaults: {node: {kind: "${p}"}}\nnodes:'),
    ("nodes:", 'defaults: {node: {env: {A: "${p}"}, stop: {grace: "${p}"}}}\nnodes:'),
    ("nodes:", 'defaults: {socket: {linger: "${p}"}}\nnodes:'),
    ("nodes:", 'defaults: {edge: {transport: "${p}"}}\nnodes:'),
    ("nodes:", 'defaults: "${p}"\nnodes:'),
    ("nodes:", 'name: "${p}"\nnodes:'),
    ("nodes:", 'logs: {max_size: "${p}"}\nnodes:'),
    ("a: {command: x", 'c: {command: x, depends_on: [a]}\n  a: {external: "${p}"'),
]
TEXTS = [
    *(MESH.replace("connect: a.s", f"connect: a.s, {said}") for said in EDGE),
    *(MESH.replace("command: x", f"command: x, {said}", 1) for said in NODE),
    *(MESH.replace(old, new) for old, new in SWAPS),
    'defaults: {edge: {pairing: "${p}"}}\n' + MESH.replace("command: x", "command: x, replicas: 2"),
    'templates: {t: {command: x, replicas: "${p}"}}\n' + MESH.replace("command: x", "extends: t", 1),
    f'nodes: "${{p}}"\n{MESH[MESH.index("edges") :]}',
]


def found(text: str) -> list[tuple[str, str]]:
    return [(each.code, each.path) for each in examine([["-"]], Wanted(name="m", offline=True), text.encode()).findings]


@pytest.mark.parametrize(
    "declared",
    ["", 'vars: {p: "${q}"}\n', 'vars: {p: "1${r}", r: "${q}"}\n', 'vars: {p: {x: ["${env.NOT_SET_ANYWHERE}"]}}\n'],
)
def test_nothing_is_found_that_follows_from_it(declared: str) -> None:
    for text in TEXTS:
        assert {code for code, _ in found(declared + text)} == {"S020"}, declared + text


def test_a_variable_that_is_given_by_hand_is_known() -> None:
    text = 'vars: {p: "${q}"}\n' + MESH.replace("connect: a.s", 'connect: a.s, endpoint: "tcp://*:${p}x"')
    want = Wanted(name="m", offline=True, sets={"p": "5"})
    assert [each.code for each in examine([["-"]], want, text.encode()).findings] == ["Z205"]


def test_what_is_wrong_elsewhere_is_told_beside_it() -> None:
    text = MESH.replace("connect: a.s", 'connect: a.s, endpoint: "tcp://*:${p}"').replace(
        "nodes:", "nodes:\n  c: {command: x, sockets: {s: {type: SUB}, t: {type: PUSH, lingr: 1}}, depends_on: [d]}"
    )
    assert [code for code, _ in found(text)] == ["Z401", "Z102", "S020"]


def test_variables_that_use_one_another_are_told_once() -> None:
    assert found("vars: {p: '${q}', q: '${p}'}\n" + MESH.replace("b.s,", "b.s, endpoint: '${p}',")) == [
        ("S020", "vars.q")
    ]
