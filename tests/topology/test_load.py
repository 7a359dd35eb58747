"""Files: their names, the names of meshes, positions; all problems at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.topology.diagnostics.codes import CODES
from orchestrator.topology.diagnostics.diagnostic import Diagnostic
from orchestrator.topology.errors import InvalidTopologyError
from orchestrator.topology.load import load
from orchestrator.topology.names import mesh_name
from orchestrator.topology.parse.position import Position
from tests.topology.texts import NODE, problems, topology

EXAMPLES = sorted(Path(__file__).parents[2].glob("topologies/*/topology.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_the_examples_load(path: Path) -> None:
    found = load([path])
    assert found.name == path.parent.name
    assert found.nodes
    assert found.edges


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("market.topology.yaml", "market"),
        ("/a/b/Market Data.prod.topology.yaml", "market-data"),
        ("/a/some/topology.yaml", "some"),
        ("/a/some/topology.yml", "some"),
        ("/a/x_1.yaml", "x_1"),
    ],
)
def test_names_by_default(file: str, name: str) -> None:
    assert mesh_name(file) == name


def test_name_folder_and_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "some.topology.yaml").write_text(NODE)
    monkeypatch.chdir(tmp_path)
    found = load(["some.topology.yaml"])
    assert (found.name, found.files) == ("some", ("some.topology.yaml",))
    assert found.nodes["a"].folder == str(tmp_path)
    assert found.where("nodes", "a") == Position("some.topology.yaml", 2, 3)
    assert load(["some.topology.yaml"], name="other").name == "other"


def test_a_name_in_the_file_wins_over_the_files() -> None:
    assert load(["-"], stdin=f"name: mine\n{NODE}").name == "mine"


def test_standard_input_needs_a_name() -> None:
    with pytest.raises(InvalidTopologyError, match=r"-:1:1: name: name is missing: .*standard input.*--name") as raised:
        load(["-"], stdin=NODE)
    assert len(raised.value.problems) == 1


def test_a_file_whose_name_is_none(tmp_path: Path) -> None:
    path = tmp_path / "3d.topology.yaml"
    path.write_text(NODE)
    with pytest.raises(InvalidTopologyError, match="name is missing: '3d', from the file, is none"):
        load([path])


@pytest.mark.parametrize("name", ["", "Big", "a.b", "-", "a" * 64])
def test_a_name_that_is_none(name: str) -> None:
    with pytest.raises(InvalidTopologyError, match=r"--name: .* is no name"):
        load(["-"], stdin=NODE, name=name)


def test_no_file_at_all() -> None:
    with pytest.raises(InvalidTopologyError, match="no file"):
        load([])


@pytest.mark.parametrize("content", ["{}", "", "null", "[]", "x", "3"])
def test_files_that_hold_nothing(content: str) -> None:
    (problem,) = problems(content)
    assert (problem.code, problem.line, problem.column) == ("S006", 1, 1)


def test_positions_of_values_from_variables_are_where_they_are_used() -> None:
    found = topology(f"vars:\n  sockets: {{s: {{type: PUSH, sndhwm: 1}}}}\n{NODE}    sockets: ${{sockets}}\n")
    assert found.nodes["a"].sockets["s"].options == {"sndhwm": 1}
    assert found.where("nodes", "a", "sockets", "s", "sndhwm").line == 6
    assert found.where_value("nodes", "a", "sockets", "s") == Position("-", 6, 14)


def test_problems_in_the_order_of_the_file() -> None:
    text = """nodes:
  b: {python: x, replicas: -1}
  a: {pyton: x}
edges:
  e: {bind: c.s, connect: b.s}
logs: {files: 0}
x: 1
"""
    places = [(problem.line, problem.column) for problem in problems(text)]
    assert places == sorted(places)
    assert {line for line, _ in places} == {2, 3, 5, 6, 7}


def test_a_problem_is_one_line() -> None:
    whole = Diagnostic("f", 1, 2, "a.b", "what", "this", "do that")
    assert str(whole) == "f:1:2: a.b: what; expected this; do that"
    assert str(Diagnostic("f", 0, 0, "", "what")) == "f: what"
    assert str(InvalidTopologyError([whole, Diagnostic("f", 1, 1, "", "first")])) == f"f:1:1: first\n{whole}"


def test_every_code_says_what_and_why() -> None:
    assert all(code.code == key and code.name and len(code.about) > 30 for key, code in CODES.items())


def test_a_topology_is_frozen() -> None:
    found = topology(NODE)
    with pytest.raises(ValueError, match="frozen"):
        found.name = "other"


def test_the_same_text_gives_the_same_topology() -> None:
    text = EXAMPLES[0].read_text()
    assert topology(text) == topology(text.encode())
