"""Streams that another mesh of the same name has begun."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.client import start, stream_origins
from orchestrator.contract import folders
from orchestrator.contract.folders import Folders
from orchestrator.delivery.batch.limits import Limits
from orchestrator.delivery.journal.journal import Journal
from orchestrator.delivery.replay.history import History
from orchestrator.plan.build import build
from orchestrator.plan.model import Plan
from orchestrator.project.errors import UsageError
from orchestrator.topology.load import load

TEXT = """
name: m
nodes:
  risk: {python: "risk:main", args: {limit: 3}, sockets: {audit: PUSH, gateway: REQ, ticks: PUB}}
  book: {python: "book:main", sockets: {audit: PULL, ticks: SUB}}
  exchange: {EXCHANGE, sockets: {orders: REP}}
edges:
  audit: {bind: book.audit, connect: risk.audit, delivery: durable}
  ticks: {bind: risk.ticks, connect: book.ticks, delivery: replay}
  gateway: {bind: exchange.orders, connect: risk.gateway, endpoint: "tcp://127.0.0.1:ADDRESS"}
"""
PAPER, LIVE = 'python: "exchange:main"', "external: true"


def plan(where: Path, exchange: str, *, name: str = "topology.yaml", port: int = 7000, text: str = TEXT) -> Plan:
    (where / name).write_text(text.replace("EXCHANGE", exchange).replace("ADDRESS", str(port)))
    return build(load([str(where / name)]))


@pytest.fixture
def of(home: Path) -> Folders:
    made = folders.of("m")
    folders.make(made)
    return made


def leave(of: Folders, count: int) -> None:
    """Let messages wait in the journal of risk.audit."""
    journal = Journal(of.journals / "risk.audit", 1 << 20, Limits(10, 1000, 0.0))
    journal.open.extend([b"order"] * count)
    journal.close()


def begin(of: Folders, which: Plan, *, yes: bool = False) -> list[str]:
    told = stream_origins.check(of, which)
    if told and not yes:
        start.refuse(which, told)
    stream_origins.write(of, which, agreed=bool(told and which.external))
    return told


def test_what_a_mesh_has_left_itself_is_not_told(of: Folders, tmp_path: Path) -> None:
    assert begin(of, plan(tmp_path, LIVE)) == []
    leave(of, 3)
    assert begin(of, plan(tmp_path, LIVE)) == []
    edited = TEXT.replace("limit: 3", "limit: 4").replace("book:main", "book:other") + "logs: {files: 7}\n"
    assert begin(of, plan(tmp_path, LIVE, text=edited)) == []


def test_other_files_are_told_and_wait_for_a_yes_where_somebody_is_outside(of: Folders, tmp_path: Path) -> None:
    begin(of, plan(tmp_path, PAPER, name="paper.yaml"))
    leave(of, 3)
    live = plan(tmp_path, LIVE)
    for _ in range(2):
        with pytest.raises(
            UsageError, match=r"risk.audit: 3 messages of 20.*, written under .*paper.yaml, exchange not ext"
        ):
            begin(of, live)
    assert begin(of, plan(tmp_path, PAPER, name="paper.yaml")) == []
    assert len(begin(of, live, yes=True)) == 1
    assert begin(of, live) == []  # it was agreed to


def test_other_files_with_nobody_outside_are_told_and_stay_so(of: Folders, tmp_path: Path) -> None:
    begin(of, plan(tmp_path, PAPER, name="paper.yaml"))
    leave(of, 3)
    other = plan(tmp_path, PAPER)
    assert len(begin(of, other)) == len(begin(of, other)) == 1
    # What the first has left is not forgotten by way of the second, nor the other way round.
    with pytest.raises(UsageError, match=r"paper.yaml.* and under .*topology.yaml"):
        begin(of, plan(tmp_path, LIVE, name="live.yaml"))


def test_the_same_files_with_another_exchange_are_another_plan(of: Folders, tmp_path: Path) -> None:
    begin(of, plan(tmp_path, LIVE))
    leave(of, 1)
    with pytest.raises(UsageError, match=r"risk.audit: 1 message of .*exchange at tcp://127.0.0.1:7000"):
        begin(of, plan(tmp_path, LIVE, port=7001))
    assert begin(of, plan(tmp_path, PAPER))
    leave(of, 1)
    with pytest.raises(UsageError, match=r"risk.audit: 2 messages .*exchange not external"):
        begin(of, plan(tmp_path, LIVE))


def test_what_is_taken_belongs_to_nobody(of: Folders, tmp_path: Path) -> None:
    begin(of, plan(tmp_path, PAPER, name="paper.yaml"))
    leave(of, 3)
    journal = Journal(of.journals / "risk.audit", 1 << 20, Limits(10, 1000, 0.0))
    for batch in journal.unacknowledged():
        batch.acknowledge()
    journal.close()
    assert begin(of, plan(tmp_path, LIVE)) == []
    leave(of, 1)
    assert begin(of, plan(tmp_path, LIVE)) == []


def test_a_history_is_told_too(of: Folders, tmp_path: Path) -> None:
    begin(of, plan(tmp_path, PAPER, name="paper.yaml"))
    history = History(of.journals / "risk.ticks", size=1 << 20, seconds=None)
    frame = len([b"a"]).to_bytes(4, "little") + bytes(8)
    history.write(b"t", frame)
    history.close()
    with pytest.raises(UsageError, match=r"risk.ticks: 1 message of .*paper.yaml"):
        begin(of, plan(tmp_path, LIVE))


def test_what_nobody_has_noted_waits_for_a_yes(of: Folders, tmp_path: Path) -> None:
    leave(of, 2)
    with pytest.raises(UsageError, match=r"risk.audit: 2 messages, written under files that nobody has noted"):
        begin(of, plan(tmp_path, LIVE))
