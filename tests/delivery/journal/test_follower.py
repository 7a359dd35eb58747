"""Following a journal: each message once, whatever its owner does between two looks; what is gone is counted."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import pytest

from orchestrator.delivery.journal.errors import JournalError, JournalFullError
from orchestrator.delivery.journal.follower import Follower
from tests.delivery.journal.test_journal import opened, write


def drained(tail: Follower) -> list[bytes]:
    found: list[bytes] = []
    while new := tail.new():
        found += new
    return found


def test_it_begins_behind_what_is_there(tmp_path: Path) -> None:
    journal = opened(tmp_path / "j")
    write(journal, b"old")
    tail = Follower(tmp_path / "j")
    assert tail.new() == []
    write(journal, b"one", b"", b"two")
    assert tail.new() == [b"one", b"", b"two"]
    assert tail.new() == []
    tail.close()
    journal.close()


def test_one_that_is_not_there_yet(tmp_path: Path) -> None:
    tail = Follower(tmp_path / "j")
    assert tail.new() == []
    journal = opened(tmp_path / "j")
    write(journal, b"one")
    assert drained(tail) == [b"one"]
    tail.close()
    journal.close()


@pytest.mark.parametrize("seed", range(10))
def test_every_message_is_given_once_or_counted(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    journal = opened(tmp_path / "j")
    tail = Follower(tmp_path / "j")
    written: list[bytes] = []
    given: list[bytes] = []
    for number in range(400):
        match chance.randrange(12):
            case 0:
                journal.seal()
                for batch in list(journal.unacknowledged()):
                    batch.acknowledge()
                journal.prune()
            case 1:
                with contextlib.suppress(JournalFullError):
                    journal.roll(10)
            case 2:
                journal.close()
                journal = opened(tmp_path / "j")
            case 3 | 4:
                given += tail.new()
            case _:
                message = b"%d" % number * (200_000 if chance.random() < 0.02 else chance.randrange(1, 9))
                with contextlib.suppress(JournalFullError):
                    write(journal, message)
                    written.append(message)
    given += drained(tail)
    tail.close()
    journal.close()
    assert len(given) + tail.missing == len(written)
    left = iter(written)
    assert all(each in left for each in given), "in order, and each once"


def test_none_is_missing_as_long_as_it_looks_at_each_file(tmp_path: Path) -> None:
    journal = opened(tmp_path / "j")
    tail = Follower(tmp_path / "j")
    for number in range(20):
        write(journal, b"%d" % number)
        assert drained(tail) == [b"%d" % number]
        journal.roll(10)
        for batch in list(journal.unacknowledged()):
            batch.acknowledge()
        journal.prune()
    assert tail.missing == 0
    tail.close()
    journal.close()


def test_a_message_larger_than_an_empty_file(tmp_path: Path) -> None:
    journal = opened(tmp_path / "j")
    tail = Follower(tmp_path / "j")
    large = bytes(journal.open.shape.bodies + 1)
    write(journal, large)
    assert drained(tail) == [large]
    tail.close()
    journal.close()


def test_what_is_no_journal_is_said(tmp_path: Path) -> None:
    (tmp_path / "0.segment").write_bytes(b"x" * 9999)
    with pytest.raises(JournalError, match="not a journal"):
        Follower(tmp_path)
