"""What ``up`` and ``plan`` refuse is what ``validate`` calls an error: the same codes at the same places."""

from __future__ import annotations

import gc
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.lint.docs import TOPOLOGY, read
from orchestrator.lint.rules import RULES
from orchestrator.project import accepted
from orchestrator.project.errors import UsageError
from orchestrator.project.examine import Wanted, examine
from orchestrator.project.selection import Selection
from orchestrator.project.settings import find_settings
from orchestrator.topology.diagnostics.diagnostic import Severity
from tests.lint.meshes import sound
from tests.lint.plants import PLANTS
from tests.lint.rules.test_planted import FEW

ROOT = Path(__file__).parents[2]
FILES = sorted(
    str(each.relative_to(ROOT))
    for folder in ("topologies", "tests/cases")
    for each in (ROOT / folder).rglob("*.yaml")
    if "nodes:" in each.read_text(errors="replace")
)
BROKEN = {
    "nothing": "",
    "no YAML": "a: [",
    "two things": "name: m\nnodes:\n  a: {python: 7, sockets: {x: PUB, y: PUBB}}\n  b: {command: sleep, restrat: no}\n",
    "no variable": "name: m\nnodes:\n  a: {command: '${env.NO_SUCH_VARIABLE}', sockets: {x: PUB}}\n",
    "no plan": "name: m\nnodes:\n  a: {command: sleep 1, depends_on: [b]}\n  b: {command: sleep 1, depends_on: [a]}\n",
    "an edge to nowhere": "name: m\nnodes:\n  a: {command: sleep 1, sockets: {x: PUSH}}\n"
    "  b: {command: sleep 1, sockets: {y: PULL}}\nedges:\n  e: {bind: a.x, connect: c.y}\n",
}
TWO = """\
name: m
nodes:
  a: {command: sleep 1, sockets: {x: PUB, v: PAIR}}
  b: {command: sleep 1, sockets: {y: PULL, z: PAIR}}
  c: {command: sleep 1, sockets: {z: PAIR}}
edges:
  e: {bind: a.x, connect: b.y}
  f: {bind: a.v, connect: [b.z, c.z]}
"""
"""Sockets of types that do not fit (Z101), and a PAIR of three (Z105)."""

Place = tuple[str, int, int, str]


def errors(files: Sequence[str]) -> list[Place]:
    """Return where ``validate`` has errors, and which, with what the project's settings say."""
    settings = find_settings()
    found = examine([files], Wanted(select=settings.select, ignore=settings.ignore)).findings
    return sorted((each.file, each.line, each.column, each.code) for each in found if each.severity == "error")


def refused(files: Sequence[str], least: Severity = "warning") -> list[Place]:
    """Return where ``up`` and ``plan`` refuse files, and by which code."""
    try:
        accepted.mesh(Selection(tuple(files)), least, color=False)
    except UsageError as mistake:
        return sorted(_places(str(mistake)))
    finally:
        gc.unfreeze()
    return []


def _places(text: str) -> Iterator[Place]:
    for file, line, column, code in re.findall(r"^(\S.*?)(?::(\d+):(\d+))?: error\[(\w+)\] ", text, re.MULTILINE):
        yield file, int(line or 0), int(column or 0), code


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("file", FILES)
def test_of_examples_and_cases(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert refused([file]) == refused([file], "error") == errors([file])


@pytest.mark.parametrize("code", RULES)
def test_of_the_bad_example_of_each_rule(code: str) -> None:
    for name, text in read(RULES[code].about).bad.items():
        Path(name).write_text(text)
    assert refused([TOPOLOGY]) == errors([TOPOLOGY])


@pytest.mark.parametrize("text", BROKEN.values(), ids=list(BROKEN))
def test_of_files_that_cannot_be_planned(text: str) -> None:
    Path(TOPOLOGY).write_text(text)
    assert refused([TOPOLOGY]) == refused([TOPOLOGY], "error") == errors([TOPOLOGY]) != []


@FEW
@given(data=st.data())
def test_of_planted_faults(data: st.DataObject) -> None:
    mesh = data.draw(sound())
    for code in data.draw(st.lists(st.sampled_from(sorted(PLANTS)), max_size=2)):
        PLANTS[code](data.draw, mesh)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {TOPOLOGY: mesh.text(), **mesh.files}.items():
            (Path(folder) / name).write_text(text)
        file = f"{folder}/{TOPOLOGY}"
        assert refused([file]) == errors([file])


@pytest.mark.parametrize(
    ("project", "lint", "comment", "found"),
    [
        ("", "", "", ["Z101", "Z105"]),
        ('select = ["Z105"]', "", "", ["Z105"]),
        ('select = ["Z3"]', "lint: {select: [Z101]}", "", ["Z101"]),
        ('select = ["Z105"]', "lint: {select: [Z101]}", "", ["Z101", "Z105"]),
        ('select = ["Z3"]', "", "", []),
        ('ignore = ["Z101"]', "", "", ["Z105"]),
        ('ignore = ["Z101"]', "lint: {ignore: [Z105]}", "", []),
        ("", "", "  # lint: ignore[Z101] on purpose", ["Z105"]),
    ],
)
def test_of_what_settings_and_comments_leave_out(project: str, lint: str, comment: str, found: list[str]) -> None:
    Path("pyproject.toml").write_text(f"[tool.orchestrator]\n{project}\n")
    Path(TOPOLOGY).write_text(TWO.replace("b.y}", f"b.y}}{comment}") + lint)
    assert refused([TOPOLOGY]) == errors([TOPOLOGY])
    assert [code for *_, code in errors([TOPOLOGY])] == found


def test_what_keeps_a_mesh_from_being_planned_is_refused_though_the_project_ignores_it() -> None:
    Path("pyproject.toml").write_text('[tool.orchestrator]\nignore = ["S"]\n')
    Path(TOPOLOGY).write_text(BROKEN["two things"])
    assert errors([TOPOLOGY]) == []
    assert refused([TOPOLOGY]) != []


def test_where_all_is_well_settings_are_not_read() -> None:
    Path("pyproject.toml").write_text("no TOML")
    Path(TOPOLOGY).write_text("name: m\nnodes:\n  a: {command: sleep 1}\n")
    mesh = accepted.mesh(Selection((TOPOLOGY,)), "warning", color=False)
    gc.unfreeze()
    assert (mesh.plan.mesh, mesh.topology.name, mesh.warnings) == ("m", "m", [])
