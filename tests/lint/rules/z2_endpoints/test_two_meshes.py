"""One fixed address in two meshes that are checked together, and one place where several edges have theirs from."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.lint.docs import TOPOLOGY, read
from orchestrator.lint.rules import RULES
from orchestrator.project.examine import Wanted, examine

MESH = """\
name: NAME
nodes:
  feed: {python: "feed:main", sockets: {ticks: PUB}}
edges:
  ticks: {bind: feed.ticks, connect: [], endpoint: "ADDRESS", security: none}
"""


def told(folder: Path, *files: str, code: str = "Z213", **how: tuple[str, ...]) -> list[tuple[str, int, str]]:
    named = [(str(folder / file),) for file in files]
    found = examine(named, Wanted(offline=True, **how)).findings  # type: ignore[arg-type]
    return [(Path(each.file).name, each.line, each.message) for each in found if each.code == code]


def put(folder: Path, file: str, name: str, address: str) -> None:
    (folder / file).write_text(MESH.replace("NAME", name).replace("ADDRESS", address))


@pytest.mark.parametrize("good", [False, True])
def test_the_examples_of_its_documentation(good: bool, tmp_path: Path) -> None:
    document = read(RULES["Z213"].about)
    files = document.good if good else document.bad
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    marked = [
        (name, number)
        for name, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        if "# Z213" in line
    ]
    assert [each[:2] for each in told(tmp_path, TOPOLOGY, "two.yaml")] == marked
    assert bool(marked) != good


def test_each_pair_is_told_once_with_the_other_place(tmp_path: Path) -> None:
    put(tmp_path, "a.yaml", "one", "tcp://127.0.0.1:5556")
    put(tmp_path, "b.yaml", "two", "tcp://*:5556")
    [(file, line, message)] = told(tmp_path, "a.yaml", "b.yaml")
    assert (file, line) == ("b.yaml", 5)
    assert message.startswith("feed.ticks binds an address that feed.ticks of mesh one binds too (")
    assert message.endswith("a.yaml:5:52)")
    assert told(tmp_path, "a.yaml", "b.yaml", ignore=("Z2",)) == []


def test_a_mesh_of_the_same_name_and_another_port_are_none(tmp_path: Path) -> None:
    put(tmp_path, "a.yaml", "one", "tcp://127.0.0.1:5556")
    put(tmp_path, "b.yaml", "one", "tcp://127.0.0.1:5556")
    put(tmp_path, "c.yaml", "two", "tcp://127.0.0.1:5557")
    put(tmp_path, "d.yaml", "four", "tcp://127.0.0.2:5556")
    assert told(tmp_path, "a.yaml", "b.yaml", "c.yaml", "d.yaml") == []


def test_variants_have_their_address_from_one_line(tmp_path: Path) -> None:
    put(tmp_path, "common.yaml", "common", "tcp://127.0.0.1:5556")
    for name in ("paper", "live"):
        (tmp_path / f"{name}.yaml").write_text(f"name: {name}\ninclude: common.yaml\n")
    assert told(tmp_path, "paper.yaml", "live.yaml") == []


EDGES = """\
HEAD
nodes:
  a: {python: "a:main", sockets: {x: PUB, y: PUB, z: PUB}}
  b:
    python: b:main
    sockets: {x: {type: SUB, subscribe: ""}, y: {type: SUB, subscribe: ""}, z: {type: SUB, subscribe: ""}}
edges:
"""
ONCE = [
    ("defaults: {edge: {transport: tcp}}", "", "Z212", "every user of this machine can connect"),
    ('vars: {host: "*"}', ', endpoint: "tcp://${host}:500%d"', "Z208", "a.x can be reached from other machines"),
    ("vars: {host: localhost}", ', endpoint: "tcp://${host}:500%d"', "Z212", "every user of this machine can connect"),
]


@pytest.mark.parametrize(("head", "address", "code", "message"), ONCE)
def test_where_one_address_is_set_for_all_there_is_one_line(
    head: str, address: str, code: str, message: str, tmp_path: Path
) -> None:
    edges = [
        f"  {name}: {{bind: a.{name}, connect: b.{name}{address % number if address else ''}}}\n"
        for number, name in enumerate("xyz")
    ]
    (tmp_path / TOPOLOGY).write_text(EDGES.replace("HEAD", head) + "".join(edges))
    [(_, line, said)] = told(tmp_path, TOPOLOGY, code=code)
    assert line == 1
    assert said.startswith(f"edge x: {message}")
    assert said.endswith("; so it is on y, z")


def test_an_edge_that_has_it_alone_is_told_where_it_stands(tmp_path: Path) -> None:
    edge = '  x: {bind: a.x, connect: b.x, endpoint: "tcp://${host}:5000"}\n'
    (tmp_path / TOPOLOGY).write_text(EDGES.replace("HEAD", 'vars: {host: "*"}') + edge)
    [(_, line, message)] = told(tmp_path, TOPOLOGY, code="Z208")
    assert (line, message) == (8, "a.x can be reached from other machines without encryption or keys")
