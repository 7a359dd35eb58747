"""What a journal says to whoever looks at it, while its owner writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.delivery.journal import reader
from orchestrator.delivery.journal.errors import JournalError
from orchestrator.delivery.journal.journal import Journal
from tests.delivery.journal.test_journal import BODIES, MEBI, opened, write


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """Twelve messages in three batches, of which one is acknowledged, one is on its way, and two more in none."""
    made = opened(tmp_path / "shop.orders")
    write(made, *BODIES[:12])
    one, other, _ = made.seal()
    one.assign(b"receiver")
    one.acknowledge()
    other.assign(b"receiver")
    other.skipping(1)
    write(made, *BODIES[12:14])
    return made


def test_figures(journal: Journal) -> None:
    found = reader.account(journal.folder)
    assert (found.name, found.messages, found.unacknowledged, found.segments) == ("shop.orders", 14, 9, 1)
    assert found.size == journal.open.path.stat().st_size
    journal.close()


def test_messages(journal: Journal) -> None:
    kept = list(reader.contents(journal.folder))
    assert [each.number for each in kept] == list(range(5, 14))
    assert [each.body for each in kept] == BODIES[5:14]
    assert [each.state for each in kept] == ["sent"] * 3 + ["waiting"] * 6
    every = list(reader.contents(journal.folder, acknowledged=True))
    assert [each.body for each in every] == BODIES[:14]
    assert [each.state for each in every][:5] == ["acknowledged"] * 5
    journal.close()


def test_a_damaged_batch_is_found(journal: Journal) -> None:
    assert reader.faults(journal.folder) == []
    seal = journal.open.read_seal(1)
    journal.close()
    path = next(journal.folder.glob("*.segment"))
    text = bytearray(path.read_bytes())
    text[seal.offset] ^= 1
    path.write_bytes(text)
    assert reader.faults(journal.folder) == [f"{path.name}: the 4 messages from 4 on are damaged"]


def test_room_is_made_where_all_is_taken(tmp_path: Path) -> None:
    journal = opened(tmp_path / "shop.orders", most=16 * MEBI)
    write(journal, *[b"x" * 1000] * 9000)
    for batch in [*journal.seal(), *journal.unacknowledged()]:
        batch.acknowledge()
    journal.close()
    before = reader.account(journal.folder)
    assert before.segments > 1
    assert reader.prune(journal.folder) > 0
    after = reader.account(journal.folder)
    assert (after.segments, after.unacknowledged) == (1, 0)
    assert reader.prune(journal.folder) == 0


def test_what_is_not_taken_stays_unless_it_is_to_be_dropped(journal: Journal) -> None:
    journal.close()
    assert reader.prune(journal.folder) == 0
    assert reader.account(journal.folder).unacknowledged == 9
    assert reader.prune(journal.folder, drop=True) > 0
    assert reader.journals(journal.folder.parent) == []


def test_a_journal_that_somebody_has_is_left_alone(tmp_path: Path) -> None:
    import subprocess
    import sys

    program = (
        "import sys; from pathlib import Path; from orchestrator.delivery.batch.limits import Limits;"
        "from orchestrator.delivery.journal.journal import Journal;"
        f"Journal(Path({str(tmp_path / 'a.b')!r}), 1 << 20, Limits(4, 65536, 0.001));"
        "print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"open\n"
        assert reader.account(tmp_path / "a.b").held
        with pytest.raises(JournalError, match="another process"):
            reader.prune(tmp_path / "a.b")
    assert not reader.account(tmp_path / "a.b").held


def test_no_journals(tmp_path: Path) -> None:
    assert reader.journals(tmp_path / "none") == []
