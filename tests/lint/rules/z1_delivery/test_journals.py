"""External nodes that become programs in a file laid over another, and the reverse: whose journals are whose."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.lint.check import check
from orchestrator.plan.build import build
from orchestrator.topology.load import load

LIVE = """
nodes:
  exchange: {external: true, sockets: {orders: REP}}
  risk: {python: "risk:main", sockets: {orders: REQ, audit: PUSH}}
  book: {python: "book:main", sockets: {audit: PULL}}
edges:
  orders: {bind: exchange.orders, connect: risk.orders, endpoint: "tcp://127.0.0.1:9000", security: none}
  audit: {bind: book.audit, connect: risk.audit, delivery: DELIVERY}
"""
PAPER = 'nodes: {exchange: {python: "exchange:main"}}\n'
BACK = 'nodes: {exchange: {external: true}}\nedges: {orders: {endpoint: "tcp://127.0.0.1:9000"}}\n'


def found(folder: Path, texts: dict[str, str], *files: str, delivery: str = "durable", name: str = "") -> list[str]:
    for file, text in texts.items():
        (folder / file).write_text(text.replace("DELIVERY", delivery))
    topology = load([folder / file for file in files], {}, {}, name=name or None)
    found = check(topology, build(topology), select=["Z122"])
    return [f"{Path(each.file).name}: {each.path}: {each.message}" for each in found]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "desk").mkdir()
    return tmp_path / "desk"


@pytest.mark.parametrize("named", ["", "name: desk\n"])
def test_paper_over_live_is_told_where_it_is_written(named: str, folder: Path) -> None:
    texts = {"topology.yaml": named + LIVE, "paper.yaml": PAPER}
    assert found(folder, texts, "topology.yaml") == []
    told = found(folder, texts, "topology.yaml", "paper.yaml")
    assert [each.partition(" ")[0] for each in told] == ["paper.yaml:"]
    assert "exchange is external, and both meshes are called desk" in told[0]


def test_live_over_paper_too(folder: Path) -> None:
    paper = LIVE.replace("external: true", "python: exchange:main").replace('endpoint: "tcp://127.0.0.1:9000", ', "")
    told = found(folder, {"topology.yaml": paper, "live.yaml": BACK}, "topology.yaml", "live.yaml")
    assert ["exchange is a program" in each for each in told] == [True]


@pytest.mark.parametrize("over", [f"name: paper\n{PAPER}", 'nodes: {exchange: {resources: {host: "here"}}}\n'])
def test_another_name_is_the_cure_and_other_changes_are_none(over: str, folder: Path) -> None:
    texts = {"topology.yaml": LIVE, "over.yaml": over}
    assert found(folder, texts, "topology.yaml", "over.yaml") == []


def test_a_name_by_flag_counts_as_another(folder: Path) -> None:
    texts = {"topology.yaml": LIVE, "paper.yaml": PAPER}
    assert found(folder, texts, "topology.yaml", "paper.yaml", name="paper") == []


def test_what_is_turned_back_is_as_it_was(folder: Path) -> None:
    texts = {"topology.yaml": LIVE, "paper.yaml": PAPER, "back.yaml": BACK}
    assert found(folder, texts, "topology.yaml", "paper.yaml", "back.yaml") == []


def test_a_file_that_includes_is_laid_over_too_and_named_by_itself(folder: Path) -> None:
    texts = {"topology.yaml": f"name: desk\n{LIVE}", "paper.yaml": f"include: topology.yaml\n{PAPER}"}
    assert len(found(folder, texts, "paper.yaml")) == 1
    assert found(folder, texts | {"topology.yaml": LIVE}, "paper.yaml") == []


@pytest.mark.parametrize(("delivery", "count"), [("durable", 1), ("{kind: durable}", 1), ("plain", 0)])
def test_only_journals_matter(delivery: str, count: int, folder: Path) -> None:
    texts = {"topology.yaml": LIVE, "paper.yaml": PAPER}
    assert len(found(folder, texts, "topology.yaml", "paper.yaml", delivery=delivery)) == count
