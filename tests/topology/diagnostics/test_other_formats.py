"""Files that are no topologies, by their look; and topologies, which never look so."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.topology.diagnostics.hints import OTHER_SYSTEMS_KEYS, TOP
from orchestrator.topology.diagnostics.other_formats import INI, PROCFILE, XML, Seen, seen
from orchestrator.topology.model import Edge, Node, TemplatesAndDefaults, Topology
from tests.topology.texts import problems

ROOT = Path(__file__).parents[3]

OTHERS = [
    ("web: gunicorn app:app --port $PORT\nworker: python worker.py\n", PROCFILE),
    ("# foreman\r\nweb: python app.py\r\n\r\nclock: ruby x.rb", PROCFILE),
    ('web: env A="a: b" ./run\nworker: ./work\n', PROCFILE),
    ("feed:python feed.py\nrelease_2: ./x\n", PROCFILE),
    ("[supervisord]\nnodaemon=true\n\n[program:feed]\ncommand=python feed.py\n", INI),
    ("; circus\n[watcher:feed]\ncmd = python feed.py\nnumprocesses = 2\n", INI),
    ("[Unit]\nDescription=x\n[Service]\nExecStart=/bin/x\n", INI),
    ("root = true\n\n[*]\nindent = 2\n", INI),
    ("\ufeff[a]\r\nb: c\r\n", INI),
    ('[[process]]\nname = "x"\n', INI),
    ('<?xml version="1.0"?>\n<topology name="x"><decltask name="a"/></topology>\n', XML),
    ("\n<topology>\n</topology>", XML),
]


@pytest.mark.parametrize(("text", "other"), OTHERS)
def test_it_is_said_in_one_line_what_it_is_and_what_to_do(text: str, other: Seen) -> None:
    (problem,) = problems(text)
    what = f"this looks like {other.what}, and a topology is YAML with the keys name, nodes and edges"
    assert str(problem) == f"-:1:1: {what}; {other.instead}"
    assert (problem.code, problem.shown, problem.fix) == ("S006", False, None)


@pytest.mark.parametrize(
    "text",
    [
        "", "# nothing\n", "name: mesh of mine\n", "include: base dir/a.yaml\n", "nam: a mesh of mine\n", "x-a: b c\n",
        "services: a b\nweb: python app.py\n", "web: python app.py\nnodes:\n  a: {command: x}\n", "web: python\n",
        "web: {command: python app.py}\n", "web:\n  command: python app.py\n", "[a, b]\n", "[a]\n", "{a: b}\n",
        "A=b c\n", "just a text\n", "- a b\n", "web: |\n  python app.py\n", "zzz: 3\n", "a: b\nc: [d e]\n",
    ],
)  # fmt: skip
def test_what_may_be_a_topology_is_read(text: str) -> None:
    assert seen(text) is None


def test_no_topology_of_ours_looks_like_another_file() -> None:
    files = [file for place in ("topologies", "tests", "docs") for file in (ROOT / place).rglob("*.y*ml")]
    assert len(files) > 20
    assert [str(file) for file in files if seen(file.read_text(errors="replace"))] == []


def test_a_large_file_is_known_by_its_beginning() -> None:
    assert seen("web: python app.py\n" * 100_000) is PROCFILE
    assert seen("nodes:\n" + "  a: {command: x y}\n" * 10_000) is None


def test_the_keys_of_a_topology_are_those_of_the_model() -> None:
    assert set(TOP) == {*Topology.model_fields, *TemplatesAndDefaults.model_fields, "vars", "include", "module"} - {
        "files"
    }


def test_no_word_of_others_is_a_key_of_ours_in_the_same_place() -> None:
    assert not set(TOP) & set(OTHER_SYSTEMS_KEYS["Topology"])
    assert not {*Node.model_fields, "extends"} & set(OTHER_SYSTEMS_KEYS["Node"])
    assert not {*Edge.model_fields} & set(OTHER_SYSTEMS_KEYS["Edge"])


@pytest.mark.parametrize(
    ("text", "hints"),
    [
        ("{ymmsl_version: v0.2, model: {}, implementations: {}, settings: {}, name: m}",
         ["write `version: 1`, or nothing", "write `nodes` and `edges`", "write `python` or `command`, in each node",
          "write `args`, in a node"]),
        ("nodes: {a: {id: x, path: x.py, inputs: {}, outputs: []}}",
         ["write the node's own name", "write `python` or `command`", "write `sockets`, and edges between them",
          "write `sockets`, and edges between them"]),
        ("nodes: {a: {exe: x, requirements: [], n_min: 1}}",
         ["write `command`", "write `resources`", "write `replicas`"]),
        ("{decltask: {}, collection: {}, group: {}}",
         ["write `nodes`", "write `templates`", "write `replicas`, in a node"]),
        ("nodes: {a: {command: x, sockets: {s: {type: PUSH, sndBufSize: 5, method: bind}}}}",
         ["write `sndhwm`", "write `bind` and `connect`, in an edge"]),
    ],
)  # fmt: skip
def test_words_of_other_systems_have_an_answer_and_no_fix(text: str, hints: list[str]) -> None:
    found = [each for each in problems(text) if each.code in ("S010", "Z401")]
    assert [each.suggestion for each in found] == hints
    assert [each.fix for each in found] == [None] * len(hints)
