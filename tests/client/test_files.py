from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.client.files import Log, Tail, begun, events, last_run
from orchestrator.control.records import Record, parse


def append(path: Path, text: str) -> None:
    with open(path, "a") as file:
        file.write(text)


def test_gives_only_complete_lines(tmp_path: Path) -> None:
    path = tmp_path / "f"
    tail = Tail(path)
    assert list(tail.lines()) == []
    append(path, "one\ntw")
    assert list(tail.lines()) == [b"one"]
    append(path, "o\n\nthree\n")
    assert list(tail.lines()) == [b"two", b"", b"three"]
    assert list(tail.lines()) == []


def test_begins_at_the_end_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "f"
    append(path, "old\n")
    tail = Tail(path, at_end=True)
    append(path, "new\n")
    assert list(tail.lines()) == [b"new"]


def test_begins_at_the_beginning_of_a_file_that_was_not_there(tmp_path: Path) -> None:
    tail = Tail(tmp_path / "f", at_end=True)
    append(tmp_path / "f", "first\n")
    assert list(tail.lines()) == [b"first"]


def test_follows_a_rotation_without_losing_a_line(tmp_path: Path) -> None:
    path = tmp_path / "f"
    append(path, "one\n")
    tail = Tail(path)
    assert list(tail.lines()) == [b"one"]
    append(path, "two\n")
    path.rename(tmp_path / "f.1")
    append(tmp_path / "f.1", "three\n")
    assert list(tail.lines()) == [b"two", b"three"]
    append(path, "four\n")
    assert list(tail.lines()) == [b"four"]


def test_a_line_longer_than_a_chunk_is_one_line(tmp_path: Path) -> None:
    append(tmp_path / "f", "x" * 1_000_000 + "\n")
    assert list(Tail(tmp_path / "f").lines()) == [b"x" * 1_000_000]


def test_a_log_begins_with_what_was_rotated_away(tmp_path: Path) -> None:
    for name, text in [("bot-1.log.10", "a"), ("bot-1.log.2", "b"), ("bot-1.log.1", "c"), ("bot-1.log", "d")]:
        append(tmp_path / name, f"1.5 o {text}\n")
    append(tmp_path / "bot-10.log", "1.5 o other\n")
    log = Log(tmp_path, "bot-1")
    assert [record.text for record in log.past()] == ["a", "b", "c", "d"]
    append(tmp_path / "bot-1.log", "2.5 e oh\n")
    assert list(log.new()) == [Record(2.5, "bot-1", "e", "oh")]


def test_a_log_from_the_beginning_of_the_last_run_on(tmp_path: Path) -> None:
    append(tmp_path / "a.log.1", "1.5 o old\n3.5 o rotated\n")
    append(tmp_path / "a.log", "4.5 o new\n")
    append(tmp_path / "before", '{"time": 1, "event": "begin"}\n{"time": 3, "event": "begin"}\n')
    append(tmp_path / "events", '{"time": 4, "event": "note", "text": ""}\n')
    assert begun(tmp_path / "events", tmp_path / "before") == 3
    assert [record.text for record in Log(tmp_path, "a").past(3)] == ["rotated", "new"]
    append(tmp_path / "events", '{"time": 4.2, "event": "begin"}\n')
    assert begun(tmp_path / "events", tmp_path / "before") == 4.2
    assert begun(tmp_path / "none", tmp_path / "none") == 0


def test_reads_a_line_of_a_log() -> None:
    assert parse("a", b"12.000001 o two  words ") == Record(12.000001, "a", "o", "two  words ")
    assert parse("a", b"12.000001 o ") == Record(12.000001, "a", "o", "")
    assert parse("a", b"12 e \xff") == Record(12, "a", "e", r"\xff")
    assert parse("a", b"torn") is None
    assert parse("a", b"") is None


def test_skips_what_is_no_event(tmp_path: Path) -> None:
    append(tmp_path / "e", '{"time": 1, "event": "note", "text": "a"}\n{"ti\n[]\n{}\n')
    assert [event["event"] for event in events(Tail(tmp_path / "e"))] == ["note"]


def test_the_last_run_begins_with_begin(tmp_path: Path) -> None:
    append(tmp_path / "e", '{"time": 1, "event": "begin"}\n{"time": 2, "event": "ended"}\n')
    append(tmp_path / "e", '{"time": 3, "event": "begin"}\n{"time": 4, "event": "note"}\n')
    tail = Tail(tmp_path / "e")
    assert [event["time"] for event in last_run(tail)] == [3, 4]
    append(tmp_path / "e", '{"time": 5, "event": "note"}\n')
    assert [event["time"] for event in events(tail)] == [5]
    assert last_run(Tail(tmp_path / "missing")) == []


def test_no_line_of_an_earlier_run_is_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(tmp_path / "e", '{"time": 1, "event": "begin"}\n' * 50)
    append(tmp_path / "e", '{"time": 2, "event": "begin"}\n{"ti\n{"time": 3, "event": "note"}\n')
    parsed: list[bytes] = []
    monkeypatch.setattr(json, "loads", lambda line: (parsed.append(line), json.JSONDecoder().decode(line.decode()))[1])
    assert [event["time"] for event in last_run(Tail(tmp_path / "e"))] == [2, 3]
    assert len(parsed) == 3


def test_when_a_run_began_stands_in_either_file(tmp_path: Path) -> None:
    append(tmp_path / "before", '{"time": 1, "event": "begin"}\n')
    assert begun(tmp_path / "e", tmp_path / "before") == 1
    append(tmp_path / "e", '{"time": 2, "event": "note"}\n')
    assert begun(tmp_path / "e", tmp_path / "before") == 1, "the run goes on in a new file"
    append(tmp_path / "e", '{"time": 3, "event": "begin"}\n{"time": 4, "event": "note"}\n')
    assert begun(tmp_path / "e", tmp_path / "before") == 3
    assert begun(tmp_path / "nowhere", tmp_path / "nowhere") == 0
