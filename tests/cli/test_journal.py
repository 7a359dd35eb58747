"""The verb ``journal``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.delivery.journal.journal import Journal
from tests.cli.conftest import Mesh, orchestrator
from tests.delivery.journal.test_journal import opened, write


@pytest.fixture
def mesh(home: Path) -> Mesh:
    return Mesh("market", "bot-0", "bot-1", "book")


def journal(mesh: Mesh, name: str, *messages: bytes) -> Journal:
    made = opened(mesh.of.journals / name)
    write(made, *messages)
    made.close()
    return made


def told(*arguments: str, status: int = 0) -> str:
    done = orchestrator("journal", *arguments, "-m", "market")
    assert done.returncode == status, done.stderr
    return done.stdout if status != 2 else done.stderr


def test_they_are_listed(mesh: Mesh) -> None:
    journal(mesh, "bot-0.orders", b"buy", b"sell")
    journal(mesh, "bot-1.orders", b"buy")
    lines = told("ls").splitlines()
    assert lines[0].split() == ["JOURNAL", "WAITING", "MESSAGES", "SEGMENTS", "SIZE", "IN", "USE"]
    assert [line.split()[:3] for line in lines[1:]] == [["bot-0.orders", "2", "2"], ["bot-1.orders", "1", "1"]]
    found = json.loads(told("ls", "bot-1", "--format", "json"))
    assert [each["name"] for each in found["journals"]] == ["bot-1.orders"]
    assert found["journals"][0]["unacknowledged"] == 1


def test_messages_are_printed_and_not_obeyed(mesh: Mesh) -> None:
    journal(mesh, "bot-0.orders", b"buy", b"\x1b[2Jsell\xff")
    assert told("cat").splitlines() == ["bot-0.orders 0 waiting buy", "bot-0.orders 1 waiting \\x1b[2Jsell\\xff"]
    found = [json.loads(line) for line in told("cat", "bot", "--format", "json").splitlines()]
    assert found[0] == {"journal": "bot-0.orders", "number": 0, "state": "waiting", "body": "buy"}
    assert found[1]["body"] == {"hex": "1b5b324a73656c6cff"}


def test_what_is_damaged_fails(mesh: Mesh) -> None:
    made = journal(mesh, "bot-0.orders", b"buy 100 AAPL")
    assert told("verify") == "bot-0.orders: 1 message in 1 segment, all right\n"
    path = next(made.folder.glob("*.segment"))
    path.write_bytes(path.read_bytes().replace(b"AAPL", b"MSFT"))
    assert told("verify", status=1) == f"bot-0.orders: {path.name}: the 1 messages from 0 on are damaged\n"


def test_nothing_is_lost_without_a_word(mesh: Mesh) -> None:
    journal(mesh, "bot-0.orders", b"buy", b"sell")
    assert told("prune") == "0 B removed\n"
    assert "2 messages that no receiver has acknowledged would be lost; say --yes" in told("prune", "--drop", status=2)
    assert told("prune", "--drop", "--yes").endswith("removed, and 2 messages lost\n")
    assert told("ls") == ""


def test_one_that_is_not_there_is_named(mesh: Mesh) -> None:
    journal(mesh, "bot-0.orders", b"buy")
    assert told("cat", "book", status=2) == "market has no journal book; there are: bot-0.orders\n"
