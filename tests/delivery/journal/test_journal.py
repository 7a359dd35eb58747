"""The journal of a sender: what it has is there again after a death, and after a loss of power what was synced."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.delivery.batch.frame import unpack
from orchestrator.delivery.batch.limits import Limits
from orchestrator.delivery.durable.cursor import Cursor
from orchestrator.delivery.journal.errors import JournalError, JournalFullError
from orchestrator.delivery.journal.journal import Batch, Journal
from orchestrator.delivery.journal.layout import EPOCH
from orchestrator.delivery.replay.history import History
from tests.delivery.journal.abandoned import abandon

BOOT, OTHER = b"a" * 16, b"b" * 16
MEBI = 1 << 20


def opened(folder: Path, boot: bytes = BOOT, *, messages: int = 4, most: int = MEBI) -> Journal:
    return Journal(folder, most, Limits(messages, 65536, 0.001), boot)


def write(journal: Journal, *messages: bytes) -> list[Batch]:
    """Write messages one by one, as a socket does."""
    made: list[Batch] = []
    for message in messages:
        if not journal.open.fits(len(message)):
            made += journal.roll(len(message))
        segment = journal.open
        segment.memory[segment.end : segment.end + len(message)] = message
        segment.lengths[segment.count] = len(message) + 1
        segment.end += len(message)
        segment.count += 1
    return made


def left(journal: Journal) -> list[tuple[int, bytes]]:
    """Give what is not acknowledged, with its numbers."""
    return [
        (batch.first + at, body) for batch in journal.unacknowledged() for at, body in enumerate(unpack(batch.frame()))
    ]


BODIES = [b"%d" % number * (number % 7 + 1) for number in range(23)]


@pytest.mark.parametrize("mask", [0, 0o022, 0o077, 0o177])
def test_it_is_for_this_user_alone_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        journal = opened(tmp_path / "journals" / "a.out")
        write(journal, *BODIES)
        cursor = Cursor(tmp_path / "journals" / "b.in")
        history = History(tmp_path / "journals" / "c.out", size=MEBI, seconds=None)
    finally:
        os.umask(before)
    for each in (journal, cursor, history):
        each.close()
    made = {path: path.stat().st_mode & 0o777 for path in (tmp_path / "journals", *(tmp_path / "journals").rglob("*"))}
    assert len(made) >= 9
    assert made == {path: 0o700 if path.is_dir() else 0o600 for path in made}


def test_what_was_written_is_there_again(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    write(journal, *BODIES[:10])
    journal.seal()
    write(journal, *BODIES[10:])
    stream = journal.stream
    abandon(journal)  # as by a death: what is in no batch is not sealed
    journal = opened(tmp_path)
    assert left(journal) == list(enumerate(BODIES))
    assert journal.stream == stream
    assert journal.next == len(BODIES)
    assert journal.lost == 0
    write(journal, b"more")
    journal.seal()
    assert left(journal)[-1] == (len(BODIES), b"more")
    journal.close()


def test_batches_know_whose_they_are_and_what_is_taken(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    write(journal, *BODIES[:12])
    one, other, third = journal.seal()
    one.assign(b"receiver")
    one.acknowledge()
    one.acknowledge()
    other.assign(b"receiver")
    other.skipping(2)
    journal.close()
    journal = opened(tmp_path)
    found = list(journal.unacknowledged())
    assert [(batch.first, batch.count, batch.skip, batch.receiver) for batch in found] == [
        (4, 4, 2, b"receiver"),
        (8, 4, 0, bytes(8)),
    ]
    assert third.first == 8
    journal.close()


def test_segments_go_once_all_in_them_is_taken(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    made = write(journal, *[b"x" * 1000] * 600)
    made += journal.seal()
    assert len(journal.segments) > 2
    for batch in journal.unacknowledged():
        batch.acknowledge()
    journal.prune()
    assert [path.name for path in tmp_path.glob("*.segment")] == [journal.open.path.name]
    assert journal.next == 600
    journal.close()


def test_it_is_full_at_its_size(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    with pytest.raises(JournalFullError, match="max_size is 1048576"):
        write(journal, *[b"x" * 1000] * 2000)
    assert sum(path.stat().st_size for path in tmp_path.glob("*.segment")) <= MEBI
    count = journal.next
    for batch in [*journal.seal(), *journal.unacknowledged()]:
        batch.acknowledge()
    journal.prune()
    write(journal, *[b"x" * 1000] * 100)
    assert journal.next == count + 100
    journal.close()


def test_a_large_message_has_a_segment_that_is_large_enough(tmp_path: Path) -> None:
    journal = opened(tmp_path, most=16 * MEBI)
    write(journal, b"small", b"x" * (5 * MEBI), b"small")
    journal.close()
    journal = opened(tmp_path, most=16 * MEBI)
    assert [len(body) for _, body in left(journal)] == [5, 5 * MEBI, 5]
    journal.close()


def test_seals_last_however_short_the_batches_are(tmp_path: Path) -> None:
    journal = opened(tmp_path, most=64 * MEBI)
    batches: list[Batch] = []
    for number in range(15_000):
        batches += write(journal, b"%d" % number)
        batches += journal.seal()
    assert [body for batch in batches for body in unpack(batch.frame())] == [b"%d" % number for number in range(15_000)]
    journal.close()


def test_another_process_is_refused(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    program = (
        "from pathlib import Path; from orchestrator.delivery.batch.limits import Limits;"
        "from orchestrator.delivery.journal.journal import Journal;"
        f"Journal(Path({str(tmp_path)!r}), 1 << 20, Limits(4, 65536, 0.001))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "another process has this journal" in done.stderr
    journal.close()


def test_a_file_that_is_no_journal_is_named(tmp_path: Path) -> None:
    (tmp_path / "0000000000000000.segment").write_bytes(b"something else")
    with pytest.raises(JournalError, match="not a journal"):
        opened(tmp_path)


def test_a_segment_that_was_not_finished_is_removed(tmp_path: Path) -> None:
    (tmp_path / "0000000000000000.new").write_bytes(b"half")
    journal = opened(tmp_path)
    journal.close()
    assert not list(tmp_path.glob("*.new"))


@pytest.mark.parametrize("seed", range(12))
def test_a_loss_of_power_at_any_record_keeps_what_was_synced(tmp_path: Path, seed: int) -> None:
    """After each record the power goes: of what was written since the last sync any sectors are on disk or are not."""
    chance = random.Random(seed)
    folder = tmp_path / "journal"
    journal = opened(folder)
    synced: list[tuple[int, bytes]] = []
    before = _files(folder)
    written: list[tuple[int, bytes]] = []
    for number in range(25):
        body = b"%d." % number * chance.randrange(1, 90)
        written.append((journal.next, body))
        write(journal, body)
        if chance.random() < 0.4:
            journal.seal()
        if chance.random() < 0.2:
            journal.seal()
            journal.sync()
            before, synced = _files(folder), list(written)
        image = tmp_path / f"image{number}"
        _power_loss(chance, before, _files(folder), image)
        found = opened(image, OTHER)
        kept = left(found)
        assert kept[: len(synced)] == synced
        assert kept == written[: len(kept)]
        assert found.next > written[-1][0]
        assert found.next == 1 << EPOCH
        assert found.lost <= len(written) - len(kept)
        write(found, b"new")
        found.seal()
        abandon(found)
        again = opened(image, OTHER)
        assert left(again) == [*kept, (1 << EPOCH, b"new")]
        again.close()
    journal.close()


def test_a_second_loss_of_power_has_another_epoch(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    write(journal, b"one")
    journal.seal()
    journal.sync()
    journal.close()
    for number, boot in enumerate([OTHER, BOOT, OTHER], 1):
        journal = opened(tmp_path, boot)
        assert journal.next == number << EPOCH
        write(journal, b"more")
        journal.close()
    journal = opened(tmp_path, OTHER)
    assert [body for _, body in left(journal)] == [b"one", b"more", b"more", b"more"]
    journal.close()


def test_without_the_epoch_a_number_would_be_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what was lost may have been acknowledged, and its number would name something else now."""
    monkeypatch.setattr("orchestrator.delivery.journal.journal.next_epoch", lambda number: number)
    journal = opened(tmp_path)
    before = _files(tmp_path)
    write(journal, b"lost, but taken")
    number = journal.next - 1
    abandon(journal)
    for path, text in before.items():
        (tmp_path / path).write_bytes(text)
    found = opened(tmp_path, OTHER)
    assert found.next == number
    found.close()


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.segment")}


def _power_loss(chance: random.Random, before: dict[str, bytes], after: dict[str, bytes], image: Path) -> None:
    """Write files of which each sector is as it was synced, or as it was written since."""
    image.mkdir()
    share = chance.choice([0.0, 0.3, 0.7, 1.0])
    for name, text in after.items():
        old = before.get(name, text)
        whole = bytearray(text)
        for at in range(0, len(text), 512):
            if old[at : at + 512] != text[at : at + 512] and chance.random() >= share:
                whole[at : at + 512] = old[at : at + 512]
        (image / name).write_bytes(whole)


def test_a_message_that_is_larger_than_an_empty_file_is_kept(tmp_path: Path) -> None:
    journal = opened(tmp_path / "j")
    large = bytes(journal.open.shape.bodies + 1)
    write(journal, large)
    journal.prune()
    write(journal, b"next")
    journal.close()
    again = opened(tmp_path / "j")
    bodies = [body for batch in again.unacknowledged() for body in unpack(batch.frame())]
    assert list(map(len, bodies)) == [len(large), 4]
    again.close()
