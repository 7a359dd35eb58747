from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.plan.model import Logs
from orchestrator.supervisor.logs.log import CHUNK, LAST_LINES, Log, between_characters


class Writer:
    """A process's two streams and what became of them."""

    def __init__(self, folder: Path, limits: Logs) -> None:
        self.file = folder / "p.log"
        self.log = Log(folder / "out", folder / "err", self.file, limits)
        self.out = os.open(folder / "out", os.O_RDWR | os.O_NONBLOCK)
        self.err = os.open(folder / "err", os.O_RDWR | os.O_NONBLOCK)

    def write(self, data: bytes, fd: int | None = None) -> None:
        """Write, and read as often as the FIFO is full."""
        while data:
            try:
                data = data[os.write(self.out if fd is None else fd, data) :]
            except BlockingIOError:
                self.read()
        self.read()

    def read(self) -> None:
        while self.log.read(self.log.out) or self.log.read(self.log.err):
            pass

    def files(self) -> list[Path]:
        return sorted(self.file.parent.glob("p.log*"), reverse=True)

    def lines(self) -> list[str]:
        return [line for file in self.files() for line in file.read_text().splitlines()]

    def texts(self) -> list[str]:
        return [line.split(" ", 2)[2] for line in self.lines()]

    def close(self) -> None:
        self.log.close()
        os.close(self.out)
        os.close(self.err)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    made = Writer(tmp_path, Logs())
    yield made
    made.close()


def test_each_line_has_its_time_and_stream(writer: Writer) -> None:
    writer.write(b"one\ntwo\n")
    writer.write(b"oh\n", writer.err)
    parts = [line.split(" ", 2) for line in writer.lines()]
    assert [part[1:] for part in parts] == [["o", "one"], ["o", "two"], ["e", "oh"]]
    assert all(len(time.partition(".")[2]) == 6 and float(time) > 1.7e9 for time, _, _ in parts)
    assert writer.file.stat().st_mode & 0o777 == 0o600


def test_a_line_that_comes_in_pieces_is_one_line(writer: Writer) -> None:
    writer.write(b"be")
    writer.write(b"apart\n", writer.err)
    assert writer.texts() == ["apart"]
    writer.write(b"gin\nrest")
    assert writer.texts() == ["apart", "begin"]


def test_what_has_no_end_is_written_when_the_process_has_ended(writer: Writer) -> None:
    writer.write(b"rest")
    writer.write(b"why", writer.err)
    assert writer.log.finish() == ["why"]
    assert writer.texts() == ["rest", "why"]
    assert writer.log.finish() == []


def test_what_is_still_in_the_pipe_is_taken_at_the_end(writer: Writer) -> None:
    os.write(writer.err, b"Traceback\nValueError: x\n")
    assert writer.log.finish() == ["Traceback", "ValueError: x"]


def test_the_last_lines_are_few(writer: Writer) -> None:
    writer.write(b"".join(b"%d\n" % number for number in range(100)), writer.err)
    assert writer.log.finish() == [str(number) for number in range(100 - LAST_LINES, 100)]


def test_bytes_that_are_no_text_are_shown(writer: Writer) -> None:
    writer.write(b"a\xff\xc3b\n\xc3\xa4\n")
    assert writer.texts() == ["a\\xff\\xc3b", "ä"]


def test_a_character_torn_in_two_is_whole_again(writer: Writer) -> None:
    writer.write(b"\xc3")
    writer.write(b"\xa4\n")
    assert writer.texts() == ["ä"]


def test_a_line_without_end_is_cut(writer: Writer) -> None:
    size = 5 * CHUNK + 17
    writer.write(b"x" * size + b"\nnext\n")
    *cut, last = writer.texts()
    assert last == "next"
    assert "".join(cut) == "x" * size
    assert all(len(text) < 2 * CHUNK for text in cut)


@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize("character", ["ä", "日", "🙂"])
def test_a_line_is_cut_between_characters(writer: Writer, before: int, character: str) -> None:
    line = "x" * before + character * (3 * CHUNK // len(character.encode()))
    writer.write(line.encode() + b"\nnext\n")
    *cut, last = writer.texts()
    assert (len(cut) > 1, "".join(cut) == line, last) == (True, True, "next")


@pytest.mark.parametrize(
    ("line", "cut"),
    [
        (b"", 0), (b"a", 1), (b"a\xc3", 1), (b"a\xc3\xa4", 3), (b"a\xe6\x97", 1), (b"\xf0\x9f\x99", 0),
        (b"\xf0\x9f\x99\x82", 4), (b"a\x80\x80\x80\x80", 5), (b"\x80", 1), (b"a\xff", 1), (b"\xc3\xa4\x80", 3),
    ],
)  # fmt: skip
def test_where_a_character_begins(line: bytes, cut: int) -> None:
    assert between_characters(line) == cut


def test_an_empty_line_is_a_line(writer: Writer) -> None:
    writer.write(b"\n\n")
    assert writer.texts() == ["", ""]


def test_files_are_rotated_and_the_oldest_goes(tmp_path: Path) -> None:
    writer = Writer(tmp_path, Logs(max_size=1000, files=3))
    for number in range(300):
        writer.write(b"line %d\n" % number)
    writer.close()
    assert [file.name for file in writer.files()] == ["p.log.2", "p.log.1", "p.log"]
    assert all(file.stat().st_size <= 1000 for file in writer.files())
    kept = [int(text.split()[1]) for text in writer.texts()]
    assert kept == list(range(kept[0], 300))
    assert kept[0] > 100


def test_one_file_is_started_anew(tmp_path: Path) -> None:
    writer = Writer(tmp_path, Logs(max_size=1000, files=1))
    for number in range(100):
        writer.write(b"line %d\n" % number)
    writer.close()
    assert [file.name for file in writer.files()] == ["p.log"]
    assert writer.file.stat().st_size <= 1000
    assert writer.texts()[-1] == "line 99"


def test_a_successor_goes_on_in_the_same_file(tmp_path: Path) -> None:
    first = Writer(tmp_path, Logs(max_size=100, files=2))
    first.write(b"before\n")
    first.log.close()
    os.write(first.out, b"meanwhile\n")
    second = Writer(tmp_path, Logs(max_size=100, files=2))
    second.read()
    assert second.texts() == ["before", "meanwhile"]
    second.write(b"x" * 40 + b"\n")
    assert [file.name for file in second.files()] == ["p.log.1", "p.log"], "what was there counts"
    second.close()


@given(
    st.lists(st.binary(max_size=300) | st.integers(1, 3000).map(lambda count: b"\n" * count), max_size=30),
    st.integers(200, 5000),
    st.integers(1, 4),
    st.integers(0, 5000),
)
def test_no_file_is_larger_than_allowed(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], most: int, files: int, before: int
) -> None:
    writer = Writer(tmp_path_factory.mktemp("log"), Logs(most, files))
    writer.file.write_bytes(b"x" * min(before, most))
    for piece in pieces:
        writer.write(piece)
    writer.log.finish()
    writer.close()
    assert len(writer.files()) <= files
    # A single line may be longer than a file is allowed to be.
    for file in writer.files():
        assert file.stat().st_size <= most or file.read_bytes().count(b"\n") == 1
