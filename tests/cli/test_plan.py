from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.plan import model

from .conftest import orchestrator

GOOD = """\
nodes:
  talker: {python: "talker:main", sockets: {out: PUSH}}
  hearer: {python: "hearer:main", replicas: "${hearers}", sockets: {in: PULL}}
vars: {hearers: 2}
edges:
  line: {bind: talker.out, connect: hearer.in}
"""
BAD = """\
nodes:
  talker: {python: "talker:main", sockets: {out: PUSH}}
  hearer: {python: "hearer:main", sockets: {in: SUB}, environment: {}}
edges:
  line: {bind: talker.outt, connect: hearer.in}
"""


@pytest.fixture
def file(home: Path) -> Path:
    file = Path("small.topology.yaml")
    file.write_text(GOOD)
    return file


def test_the_plan_as_text(file: Path) -> None:
    done = orchestrator("plan", str(file), "--set", "hearers=3")
    assert (done.returncode, done.stderr) == (0, "")
    assert "hearer-0 .. hearer-2" in done.stdout
    assert "START" in done.stdout


def test_the_plan_as_json_can_be_read_back(file: Path) -> None:
    done = orchestrator("plan", "-f", str(file), "--format", "json", "--name", "other")
    assert model.load(done.stdout).mesh == "other"
    assert json.loads(done.stdout)["version"] == model.VERSION


def test_the_plan_of_standard_input(home: Path) -> None:
    done = orchestrator("plan", "-", input="name: piped\n" + GOOD)
    assert (done.returncode, done.stderr) == (0, "")
    assert "talker" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "text"), [(["plan", "b.yaml"], ""), (["up", "b.yaml"], ""), (["plan", "-"], BAD)]
)
def test_all_that_is_wrong_is_shown_with_its_line(home: Path, arguments: list[str], text: str) -> None:
    Path("b.yaml").write_text(BAD)
    done = orchestrator(*arguments, input="name: piped\n" + text if text else None)
    assert (done.returncode, done.stdout) == (2, "")
    assert "environment: {}" in done.stderr
    assert "^^^" in done.stderr
    assert done.stderr.splitlines()[-1] == "2 problems"
    assert "Traceback" not in done.stderr


def test_what_rules_find_is_shown_with_what_cannot_be_planned(home: Path) -> None:
    Path("b.yaml").write_text("""\
nodes:
  talker: {python: "talker:main", sockets: {out: PUSH}}
  hearer: {python: "hearer:main", sockets: {in: SUB}}
edges:
  line: {bind: talker.out, connect: hearer.in}
  other: {bind: talker.out, connect: nobody.in}
""")
    done = orchestrator("plan", "b.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    codes = [line.split("[")[1].split("]")[0] for line in done.stderr.splitlines() if "error[" in line]
    assert codes == ["Z301", "Z101", "Z102"]


def test_a_file_that_is_not_there(home: Path) -> None:
    done = orchestrator("plan", "none.yaml")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "none.yaml: error[S001] cannot be read: No such file or directory"
