"""What a publisher keeps: by topic and number, in order, until it is too old or too much."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.delivery.batch.frame import pack, unpack
from orchestrator.delivery.journal.layout import EPOCH
from orchestrator.delivery.replay import history as module
from orchestrator.delivery.replay.history import History
from orchestrator.delivery.replay.wire import Gap, Want, read_record

BOOT, OTHER = b"a" * 16, b"b" * 16
MEBI = 1 << 20


def opened(folder: Path, boot: bytes = BOOT, *, size: int | None = 64 * MEBI, seconds: float | None = None) -> History:
    return History(folder, size=size, seconds=seconds, boot=boot)


def bodies(records: list[bytes]) -> list[bytes]:
    return [body for made in records for body in unpack(read_record(made).batch)]


def test_topics_have_numbers_of_their_own(tmp_path: Path) -> None:
    history = opened(tmp_path)
    assert history.write(b"a", pack([b"1", b"2"])) == (0, 1)
    assert history.write(b"b", pack([b"x"])) == (0, 1)
    assert history.write(b"a", pack([b"3"])) == (2, 3)
    assert [(each.topic, each.before, each.last) for each in history.held([b""])] == [(b"a", 0, 3), (b"b", 0, 1)]
    assert [each.topic for each in history.held([b"b", b"c"])] == [b"b"]
    assert history.held([]) == []
    history.close()


def test_what_is_behind_a_number_is_given(tmp_path: Path) -> None:
    history = opened(tmp_path)
    for number in range(1, 10):
        history.write(b"a", pack([b"%d" % number]))
    more, gaps, records = history.behind([Want(b"a", 6), Want(b"none", 0)])
    assert (more, gaps, bodies(records)) == (False, [], [b"7", b"8", b"9"])
    assert history.behind([Want(b"a", 9)]) == (False, [], [])
    history.close()


def test_an_answer_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUDGET", 100)
    history = opened(tmp_path)
    for _ in range(10):
        history.write(b"a", pack([b"x" * 40]))
    more, _, records = history.behind([Want(b"a", 0)])
    assert more
    assert len(records) == 2
    history.close()


def test_it_goes_on_where_it_was(tmp_path: Path) -> None:
    history = opened(tmp_path)
    history.write(b"a", pack([b"1", b"2"]))
    stream = history.stream
    history.close()
    history = opened(tmp_path)
    assert history.stream == stream
    assert history.write(b"a", pack([b"3"])) == (2, 3)
    assert bodies(history.behind([Want(b"a", 0)])[2]) == [b"1", b"2", b"3"]
    history.close()


def test_after_a_loss_of_power_no_number_is_used_again(tmp_path: Path) -> None:
    history = opened(tmp_path)
    history.write(b"a", pack([b"1"]))
    history.close()
    history = opened(tmp_path, OTHER)
    assert history.write(b"a", pack([b"2"])) == (1, (1 << EPOCH) + 1)
    assert history.write(b"new", pack([b"x"])) == (0, (1 << EPOCH) + 1)
    history.close()
    history = opened(tmp_path, OTHER)
    assert history.write(b"a", pack([b"3"])) == ((1 << EPOCH) + 1, (1 << EPOCH) + 2)
    assert bodies(history.behind([Want(b"a", 0)])[2]) == [b"1", b"2", b"3"]
    history.close()


def test_the_oldest_goes_at_its_size(tmp_path: Path) -> None:
    history = opened(tmp_path, size=MEBI)
    for number in range(3000):
        history.write(b"a", pack([b"%4d" % number + b"x" * 1000]))
    kept = sum(path.stat().st_size for path in tmp_path.glob("*.segment"))
    assert kept <= MEBI
    held = history.held([b"a"])[0]
    assert held.last == 3000
    assert 2000 < held.before < 3000
    # Who had all up to a number that is gone is told; who is new begins with the oldest.
    more, gaps, records = history.behind([Want(b"a", 5)])
    assert gaps == [Gap(b"a", held.before)]
    assert bodies(records)[0].startswith(b"%4d" % held.before)
    assert history.behind([Want(b"a", 0, joining=True)])[1] == []
    assert not more or records
    history.close()


def test_the_oldest_goes_at_its_age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(module.time, "time", lambda: now)
    history = opened(tmp_path, size=None, seconds=60.0)
    for _ in range(20):
        for _ in range(20):
            history.write(b"a", pack([b"x" * 100_000]))
        now += 10
    held = history.held([b"a"])[0]
    assert held.last == 400
    assert 0 < held.before < 320  # an hour, or a minute, is kept at least
    history.close()


def test_all_of_a_quiet_topic_may_be_gone(tmp_path: Path) -> None:
    history = opened(tmp_path, size=MEBI)
    history.write(b"quiet", pack([b"1"]))
    for _ in range(3000):
        history.write(b"a", pack([b"x" * 1000]))
    held = next(each for each in history.held([b"quiet"]))
    assert (held.before, held.last) == (1, 1)
    assert history.behind([Want(b"quiet", 0)])[1] == [Gap(b"quiet", 1)]
    assert history.write(b"quiet", pack([b"2"])) == (1, 2)
    history.close()
