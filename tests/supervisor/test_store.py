from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from orchestrator.contract.folders import Folders
from orchestrator.supervisor import store
from orchestrator.supervisor.store import Store


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    made = Folders(tmp_path / "run", tmp_path / "state")
    made.state.mkdir()
    return made


def test_the_last_word_counts(folders: Folders) -> None:
    kept = Store(folders)
    kept.save({"boot": "b", "ended": False})
    kept.save({"name": "feed", "pid": 1})
    kept.save({"name": "bot", "pid": 2})
    kept.save({"name": "feed", "pid": 3})
    kept.save({"ended": True})
    assert store.load(folders.journal) == (
        {"feed": {"name": "feed", "pid": 3}, "bot": {"name": "bot", "pid": 2}},
        {"boot": "b", "ended": True},
    )


def test_nothing_is_known_at_first(folders: Folders) -> None:
    assert store.load(folders.journal) == ({}, {})


@pytest.mark.parametrize("torn", [b'{"name":"bot","pi', b"\xff\xfe\n", b"[]\n", b"1\n", b"\n"])
def test_a_torn_line_is_left_out_and_swallows_nothing(folders: Folders, torn: bytes) -> None:
    Store(folders).save({"name": "feed", "pid": 1})
    with folders.journal.open("ab") as file:
        file.write(torn)
    Store(folders).save({"name": "bot", "pid": 2})
    assert set(store.load(folders.journal)[0]) == {"feed", "bot"}


def test_events_have_a_time_and_stay(folders: Folders) -> None:
    Store(folders).report("begin", {"mesh": "m"})
    Store(folders).report("ended", {"status": 0})
    begin, ended = map(json.loads, folders.events.read_text().splitlines())
    assert begin == {"time": begin["time"], "event": "begin", "mesh": "m"}
    assert ended["time"] >= begin["time"] > 1.7e9


def test_files_are_for_their_user_alone(folders: Folders) -> None:
    Store(folders)
    assert {file.stat().st_mode & 0o777 for file in folders.state.iterdir()} == {0o600}


def test_a_full_disk_stops_nobody_and_is_told(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Store(folders)

    def full(fd: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        kept.save({"name": "feed"})
    assert kept.problem == f"{folders.state}: No space left on device"
    kept.save({"name": "feed"})
    assert kept.problem == ""


def test_this_boot_has_an_identity() -> None:
    assert store.boot() == store.boot()
    assert len(store.boot()) == 36
