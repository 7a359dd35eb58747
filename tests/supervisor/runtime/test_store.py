from __future__ import annotations

import contextlib
import json
import resource
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.contract.folders import Folders
from orchestrator.supervisor.runtime import store
from orchestrator.supervisor.runtime.store import Store


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
    assert store.load(folders.journal) == store.Left(
        {"feed": {"name": "feed", "pid": 3}, "bot": {"name": "bot", "pid": 2}},
        {"boot": "b", "ended": True},
    )


def test_nothing_is_known_at_first(folders: Folders) -> None:
    assert store.load(folders.journal) == store.Left({}, {})


@pytest.mark.parametrize("torn", [b'{"name":"bot","pi', b"\xff\xfe\n", b"[]\n", b"1\n", b"\n"])
def test_a_torn_line_is_left_out_and_swallows_nothing(folders: Folders, torn: bytes) -> None:
    Store(folders).save({"name": "feed", "pid": 1})
    with folders.journal.open("ab") as file:
        file.write(torn)
    Store(folders).save({"name": "bot", "pid": 2})
    assert set(store.load(folders.journal).processes) == {"feed", "bot"}


def test_events_have_a_time_and_stay(folders: Folders) -> None:
    Store(folders).report("begin", {"mesh": "m"})
    Store(folders).report("ended", {"status": 0})
    begin, ended = map(json.loads, folders.events.read_text().splitlines())
    assert begin == {"time": begin["time"], "event": "begin", "mesh": "m"}
    assert ended["time"] >= begin["time"] > 1.7e9


def test_files_are_for_their_user_alone(folders: Folders) -> None:
    Store(folders)
    assert {file.stat().st_mode & 0o777 for file in folders.state.iterdir()} == {0o600}


@contextlib.contextmanager
def room(file: Path, more: int) -> Iterator[None]:
    """Let files grow by so many bytes beyond this one: then the kernel writes a part, and then nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + more, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("more", range(0, 40, 3))
def test_a_full_disk_stops_nobody_is_told_and_loses_no_last_word(folders: Folders, more: int) -> None:
    kept = Store(folders)
    kept.save({"boot": "b"})
    kept.save({"name": "feed", "pid": 1})
    with room(folders.journal, more):
        kept.save({"name": "feed", "pid": 2})
        kept.save({"name": "bot", "pid": 3})
        kept.save({"up": True})
        assert kept.problem.startswith(f"{folders.state}: ")
    kept.save({"name": "book", "pid": 4})
    assert kept.problem == ""
    left = store.load(folders.journal)
    assert {name: each["pid"] for name, each in left.processes.items()} == {"feed": 2, "bot": 3, "book": 4}
    assert left.mesh == {"boot": "b", "up": True}


def test_events_that_are_missing_are_counted(folders: Folders) -> None:
    kept = Store(folders)
    kept.report("begin", {})
    with room(folders.events, 30):
        kept.report("ready", {"process": "feed"})
        kept.report("ready", {"process": "bot"})
    kept.report("up", {})
    said = [json.loads(line) for line in folders.events.read_bytes().splitlines() if line.endswith(b"}")]
    assert [each["event"] for each in said] == ["begin", "note", "up"]
    assert said[1]["text"].startswith("2 events are missing here")


@given(st.lists(st.tuples(st.sampled_from(["", "a", "b", "c"]), st.integers()), max_size=200), st.integers(0, 2000))
def test_a_journal_that_is_written_anew_says_the_same(changes: list[tuple[str, int]], bound: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        made = Folders(Path(name), Path(name))
        kept = Store(made, bound)
        told = {"": 0}
        kept.save({"value": 0})
        for process, value in changes:
            kept.save({"name": process, "value": value} if process else {"value": value})
            told[process] = value
        left = store.load(made.journal)
        assert {name: each["value"] for name, each in left.processes.items()} | {"": left.mesh["value"]} == told
        assert made.journal.stat().st_size <= max(bound, 1000)


def test_a_journal_that_cannot_be_written_anew_goes_on(folders: Folders) -> None:
    kept = Store(folders, 300)
    kept.save({"name": "feed", "text": "x" * 290})
    folders.journal.with_suffix(".new").mkdir()  # so that it cannot be opened
    for number in range(10):
        kept.save({"name": "bot", "pid": number, "text": "x" * 290})
    assert store.load(folders.journal).processes["bot"]["pid"] == 9


def test_a_new_run_forgets_the_last_one(folders: Folders) -> None:
    kept = Store(folders)
    kept.save({"name": "feed", "pid": 1})
    kept.begin({"boot": "b"})
    assert store.load(folders.journal) == store.Left({}, {"version": store.VERSION, "boot": "b"})


def test_events_begin_a_new_file_with_a_run(folders: Folders) -> None:
    kept = Store(folders, 100)
    for _ in range(10):
        kept.report("note", {"text": "x" * 20})
    kept.report("begin", {})
    assert len(folders.events.read_bytes().splitlines()) == 1
    assert len(Path(f"{folders.events}.1").read_bytes().splitlines()) == 10


def test_this_boot_has_an_identity() -> None:
    assert store.boot() == store.boot()
    assert len(store.boot()) == 36
