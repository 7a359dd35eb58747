"""Fixes as data: what a slip is, and what edits the problems of a file carry."""

from __future__ import annotations

import pytest

from orchestrator.lint.core.fix import apply
from orchestrator.plan.build import build
from orchestrator.topology.diagnostics.diagnostic import Diagnostic
from orchestrator.topology.errors import InvalidTopologyError
from orchestrator.topology.fixes import slip, without_edge
from orchestrator.topology.parse.document import read
from orchestrator.topology.parse.lines import BOM
from tests.topology.texts import problems, topology


@pytest.mark.parametrize(
    ("word", "meant"),
    [("lingr", "linger"), ("lingerr", "linger"), ("lingar", "linger"), ("lignre", "lignre-"), ("replica", "replicas"),
     ("stpo", "stop"), ("working-dir", "working_dir"), ("reassign-after", "reassign_after"), ("psuh", "push"),
     ("a", "ab"), ("ab", "ba"), ("xinger", "linger"), ("inger", "linger"), ("aab", "aaab")],
)  # fmt: skip
def test_a_slip(word: str, meant: str) -> None:
    assert slip(word, meant)
    assert slip(meant, word)


@pytest.mark.parametrize(
    ("word", "meant"),
    [("linger", "linger"), ("lngr", "linger"), ("model", "nodes"), ("ymmsl_version", "version"), ("feed2", "feed3"),
     ("feed", "feed2"), ("push", "PUSH"), ("abc", "cba"), ("", "ab"), ("dependsOn", "depends_on")],
)  # fmt: skip
def test_no_slip(word: str, meant: str) -> None:
    assert not slip(word, meant)
    assert not slip(meant, word)


def found(text: str) -> list[Diagnostic]:
    told = problems(text)
    if not told:
        try:
            build(topology(text))
        except InvalidTopologyError as error:
            return error.problems
    return told


def mended(text: str) -> str:
    """Carry out what is safe of the fixes of a text."""
    return apply(text, [each.edits for each in found(text) if each.edits])[0]


ENDS = """\
nodes:
  feed: {command: x, sockets: {ticks: PUSH, ratio: PUSH}}
  sink: {command: x, sockets: {ticks: PULL}}
edges:
  e: {bind: sink.ticks, connect: feed.ticks}
"""


def swapped(old: str, new: str) -> str:
    assert old in ENDS
    return ENDS.replace(old, new)


def also(said: str) -> str:
    """Give a mesh whose sink says more."""
    return swapped("command: x, sockets: {ticks: PULL", f"command: x, {said}, sockets: {{ticks: PULL")


SLIPS = [
    swapped("ticks: PULL", "ticks: PULLL"),
    swapped("{ticks: PULL", "{ticks: {type: PULL, lingr: 0}"),
    swapped("{ticks: PULL", '{ticks: {type: PULL, "lingr": 0}'),
    swapped("{ticks: PULL", "{ticks: {type: PULL, &l 'lingr': 0}"),
    swapped("feed.ticks", "fed.ticks"),
    swapped("feed.ticks", "[fed.ticks]"),
    swapped("feed.ticks", "'feed.tiks'"),
    swapped("feed.ticks", "feed.tciks"),
    swapped("sink.ticks", "sink"),
    also("depends_on: [fed]"),
    also("depends_on: {fed: ready}"),
    also("depends_on: fed"),
    also("kind: jobs"),
    also("restart: allways"),
    also("replica: 1"),
    also("working-dir: ."),
    swapped("nodes:", "templates: {base: {command: x}}\nnodes:\n  more: {extends: bsae}"),
]


@pytest.mark.parametrize("text", SLIPS)
@pytest.mark.parametrize("lineend", ["\n", "\r\n", "\r"])
def test_a_slip_of_one_near_word_is_mended(text: str, lineend: str) -> None:
    text = BOM + "# é😀\n".replace("\n", lineend) + text.replace("\n", lineend)
    assert len(found(text)) == 1
    after = mended(text)
    assert after != text
    assert found(after) == []


@pytest.mark.parametrize(
    "text",
    [
        swapped("feed.ticks", "feed.tik"),
        swapped("feed.ticks", "feed"),
        swapped("feed.ticks", "[feed.ticks, fed.ticks]"),
        swapped("feed.ticks", "[fed.ticks, feeed.ticks]"),
        swapped("feed.ticks", '"f\\x65d.ticks"'),
        swapped("edges:", "vars: {f: fed.ticks}\nedges:").replace("connect: feed.ticks", "connect: '${f}'"),
        swapped("ticks: PULL", "ticks: pull"),
        also("replica: 1, replicas: 1"),
        also("replica: 1, replicass: 1"),
        also("imagee: x"),
        also("<<: {replicas: 2}, replica: 1"),
        "{model: {}, ymmsl_version: v0.1, servces: {}}",
    ],
)
def test_what_has_no_safe_answer_is_left(text: str) -> None:
    assert found(text)
    assert mended(text) == text


def test_a_far_word_is_data_too_but_not_safe() -> None:
    (problem,) = problems(also("replicaaas: 2"))
    assert problem.suggestion == "did you mean replicas?"
    assert problem.fix is not None
    assert [(edit.old, edit.new) for edit in problem.fix.edits] == [("replicaaas", "replicas")]
    assert not problem.fix.safe
    assert problem.edits == ()


EDGES = """\
edges:
  one: {bind: b.x, connect: a.x}
  # of its own
  two:  # again
    bind: b.x

    connect: a.x

  # behind
  other: {bind: b.x, connect: a.y}
last: 1
"""


def removed(text: str, edge: str = "two", other: str = "one") -> str:
    fix = without_edge(read(text.encode(), "f"), edge, other)
    return apply(text, [fix.edits])[0] if fix else ""


@pytest.mark.parametrize("lineend", ["\n", "\r\n"])
def test_an_edge_that_stands_twice_goes_with_its_lines_alone(lineend: str) -> None:
    gone = "  two:  # again\n    bind: b.x\n\n    connect: a.x\n"
    assert gone in EDGES
    assert removed(BOM + EDGES.replace("\n", lineend)) == BOM + EDGES.replace(gone, "").replace("\n", lineend)


@pytest.mark.parametrize(
    "text",
    [
        EDGES.replace("b.x\n\n", "b.x\n    transport: tcp\n"),
        EDGES.replace("two:  # again", "two: &two  # again").replace("last: 1", "last: *two"),
        EDGES.replace("edges:\n", "edges: {\n").replace("last", "} \nlast"),
        "edges: {one: {bind: b.x, connect: a.x}, two: {bind: b.x, connect: a.x}}\n",
        EDGES.replace("last: 1", "last: ["),
        "other: file\n",
        "",
    ],
)
def test_an_edge_that_differs_or_is_not_in_lines_of_its_own_stays(text: str) -> None:
    assert removed(text) == ""


def test_the_last_of_the_edges() -> None:
    text = "edges:\n  one: {bind: b.x, connect: a.x}\n  two: {connect: a.x, bind: b.x}"
    assert removed(text) == "edges:\n  one: {bind: b.x, connect: a.x}\n"
