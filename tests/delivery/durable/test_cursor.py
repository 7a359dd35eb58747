"""The cursor of a receiver: what it has noted is known again, and what is not sure is not believed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from orchestrator.delivery.durable.cursor import Cursor
from orchestrator.delivery.durable.intervals import AcknowledgedIntervals
from orchestrator.delivery.journal.errors import JournalError

ONE, OTHER = b"1" * 16, b"2" * 16


def take(cursor: Cursor, stream: bytes, first: int, count: int) -> None:
    cursor.begin(stream, first, 0, count)
    cursor.done()
    cursor.known.setdefault(stream, AcknowledgedIntervals()).add(first, first + count)


def known(folder: Path) -> dict[bytes, tuple[tuple[int, int], ...]]:
    cursor = Cursor(folder)
    cursor.close()
    return {stream: acknowledged.intervals() for stream, acknowledged in cursor.known.items()}


def test_what_is_taken_is_known_again(tmp_path: Path) -> None:
    cursor = Cursor(tmp_path)
    take(cursor, ONE, 0, 3)
    take(cursor, OTHER, 10, 2)
    take(cursor, ONE, 3, 4)
    cursor.begin(ONE, 7, 0, 5)
    cursor.word[0] += 2
    assert cursor.part == 2
    cursor.close()
    assert known(tmp_path) == {ONE: ((0, 9),), OTHER: ((10, 12),)}


def test_a_part_is_known_after_another_batch_and_another_death(tmp_path: Path) -> None:
    cursor = Cursor(tmp_path)
    cursor.begin(ONE, 0, 0, 5)
    cursor.word[0] += 2
    cursor.close()
    cursor = Cursor(tmp_path)
    take(cursor, OTHER, 0, 1)
    take(cursor, OTHER, 1, 1)
    cursor.close()
    assert known(tmp_path)[ONE] == ((0, 2),)


def test_the_ring_grows_where_what_it_holds_is_asked_for(tmp_path: Path) -> None:
    cursor = Cursor(tmp_path, ring=4)
    for number in range(50):
        take(cursor, ONE, 2 * number, 1)
    cursor.close()
    assert known(tmp_path) == {ONE: tuple((2 * number, 2 * number + 1) for number in range(50))}


def test_the_ring_is_used_again_where_nobody_asks_any_more(tmp_path: Path) -> None:
    cursor = Cursor(tmp_path, ring=4)
    for number in range(50):
        cursor.known.setdefault(ONE, AcknowledgedIntervals()).forget(2 * number - 4)
        take(cursor, ONE, 2 * number, 1)
    size = (tmp_path / "cursor").stat().st_size
    cursor.close()
    assert size == 4096 + 4 * 36
    assert (98, 99) in known(tmp_path)[ONE]


@pytest.mark.parametrize("seed", range(30))
def test_what_a_loss_of_power_leaves_is_true(tmp_path: Path, seed: int) -> None:
    """Of the last writes some sectors are on disk and some are not: what is known then was taken."""
    chance = random.Random(seed)
    cursor, path = Cursor(tmp_path, ring=20), tmp_path / "cursor"
    acknowledged, at = AcknowledgedIntervals(), 0
    before = path.read_bytes()
    for _ in range(30):
        count = chance.randrange(1, 9)
        cursor.known.setdefault(ONE, AcknowledgedIntervals()).forget(at - 20)
        cursor.begin(ONE, at, 0, count)
        part = chance.randrange(count + 1)
        cursor.word[0] += part
        acknowledged.add(at, at + part)
        if chance.random() < 0.2:
            before = path.read_bytes()
        if chance.random() < 0.1:
            break
        cursor.done()
        cursor.known[ONE].add(at, at + count)
        acknowledged.add(at, at + count)
        at += count
    after = path.read_bytes()
    cursor.close()
    sectors = range(0, len(after), 512)
    path.write_bytes(b"".join((after if chance.random() < 0.5 else before)[at : at + 512] for at in sectors))
    found = known(tmp_path).get(ONE, ())
    assert all(acknowledged.prefix(first, end) == end - first for first, end in found)


def test_one_process_has_it(tmp_path: Path) -> None:
    import subprocess
    import sys

    cursor = Cursor(tmp_path)
    program = (
        "from pathlib import Path; from orchestrator.delivery.durable.cursor import Cursor;"
        f"Cursor(Path({str(tmp_path)!r}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "another process has this journal" in done.stderr
    cursor.close()


def test_another_file_is_no_cursor(tmp_path: Path) -> None:
    (tmp_path / "cursor").write_bytes(bytes(8192))
    with pytest.raises(JournalError, match="not a cursor"):
        Cursor(tmp_path)
