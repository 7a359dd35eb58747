"""What is read and not yet written, and a reader that is killed at any time."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.plan.model import Logs
from orchestrator.supervisor.logs.inflight import CHUNK, Inflight
from orchestrator.supervisor.logs.log import Log, _text

ROOT = Path(__file__).parents[3]


def fifo(folder: Path, data: bytes) -> int:
    os.mkfifo(folder / "fifo")
    fd = os.open(folder / "fifo", os.O_RDWR | os.O_NONBLOCK)
    os.write(fd, data)
    return fd


def test_a_new_one_holds_nothing(tmp_path: Path) -> None:
    made = Inflight(tmp_path / "x")
    assert made.unwritten(0) == 0
    assert made.waiting() == b""


def test_who_dies_after_reading_leaves_all(tmp_path: Path) -> None:
    assert Inflight(tmp_path / "x").read(fifo(tmp_path, b"one\ntwo\nthr")) == 11
    left = Inflight(tmp_path / "x")
    assert left.unwritten(100) == 0
    assert left.waiting() == b"one\ntwo\nthr"


def test_who_dies_while_writing_leaves_all_and_how_much_was_written(tmp_path: Path) -> None:
    before = Inflight(tmp_path / "x")
    before.read(fifo(tmp_path, b"one\ntwo\nthr"))
    before.write(2**26 + 100)
    left = Inflight(tmp_path / "x")
    assert left.unwritten(2**26 + 117) == 17
    assert left.waiting() == b"one\ntwo\nthr"


def test_who_dies_after_writing_leaves_what_has_no_end(tmp_path: Path) -> None:
    before = Inflight(tmp_path / "x")
    before.read(fifo(tmp_path, b"one\ntwo\nthr"))
    before.write(100)
    before.wrote(8)
    for _ in range(2):
        left = Inflight(tmp_path / "x")
        assert left.unwritten(150) == 0
        assert left.waiting() == b"thr"
        before.tidy()


def test_a_file_that_was_begun_anew_has_nothing_of_it(tmp_path: Path) -> None:
    before = Inflight(tmp_path / "x")
    before.read(fifo(tmp_path, b"one\n"))
    before.write(100)
    assert Inflight(tmp_path / "x").unwritten(0) == 0


def test_what_has_no_end_is_read_on_whatever_its_length(tmp_path: Path) -> None:
    fd = fifo(tmp_path, b"")
    inflight = Inflight(tmp_path / "x")
    for length in (CHUNK - 1, 4096, 17, CHUNK - 1):
        sent = 0
        while sent < length:
            sent += os.write(fd, b"x" * min(4096, length - sent))
            assert inflight.read(fd)
        assert inflight.waiting() == b"x" * length
        os.write(fd, b"\ny")
        inflight.read(fd)
        inflight.wrote(length + 1)
        inflight.tidy()
        assert inflight.waiting() == b"y"
        inflight.wrote(1)
        inflight.tidy()


@given(st.data(), st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")), min_size=1, max_size=8))
def test_a_write_may_be_cut_anywhere(data: st.DataObject, lines: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stamped = b"".join(b"1234567890.123456 o " + _text(line).encode() + b"\n" for line in lines[:-1])
        (folder / "p.log").write_bytes(b"1234567890.123456 o before\n")
        for path in ("out", "err"):
            os.mkfifo(folder / path)
        out = os.open(folder / "out", os.O_RDWR | os.O_NONBLOCK)
        os.write(out, b"\n".join(lines))
        inflight = Inflight(folder / "out.inflight")
        with suppress(BlockingIOError):
            inflight.read(out)
        inflight.write((folder / "p.log").stat().st_size)
        cut = data.draw(st.integers(0, len(stamped)))
        with (folder / "p.log").open("ab") as file:
            file.write(stamped[:cut])
        inflight.close()
        log = Log(folder / "out", folder / "err", folder / "p.log", Logs())
        log.finish()
        log.close()
        os.close(out)
        found = [line.split(" ", 2)[2] for line in (folder / "p.log").read_bytes().decode().split("\n")[:-1]]
        assert found == ["before", *map(_text, lines[:-1]), *filter(None, [_text(lines[-1])])]


READER = """
import sys, select
from pathlib import Path
from orchestrator.plan.model import Logs
from orchestrator.supervisor.logs.log import Log
folder = Path(sys.argv[1])
log = Log(folder / "out", folder / "err", folder / "p.log", Logs(max_size=10**9))
while True:
    select.select([log.out], [], [])
    log.read(log.out)
"""


@pytest.mark.process
def test_a_reader_that_is_killed_again_and_again_loses_and_doubles_no_line(tmp_path: Path) -> None:
    for name in ("out", "err"):
        os.mkfifo(tmp_path / name)
    out = os.open(tmp_path / "out", os.O_RDWR | os.O_NONBLOCK)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    lines = 0
    for _ in range(12):
        reader = subprocess.Popen([sys.executable, "-c", READER, str(tmp_path)], env=environment)
        # From elsewhere, so that it comes at any time and not only between two writes.
        threading.Timer(random.uniform(0.15, 0.25), reader.kill).start()
        while reader.poll() is None:
            time.sleep(0.0002)
            # All or nothing, being shorter than PIPE_BUF (pipe(7)): nobody reads a full one once the reader is killed.
            with contextlib.suppress(BlockingIOError):
                os.write(out, b"".join(b"line %d\n" % number for number in range(lines, lines + 200)))
                lines += 200
    last = subprocess.Popen([sys.executable, "-c", READER, str(tmp_path)], env=environment)
    os.set_blocking(out, True)
    os.write(out, b"the end\n")
    deadline = time.monotonic() + 30
    while not (tmp_path / "p.log").read_text().endswith("the end\n"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    last.kill()
    last.wait()
    os.close(out)
    found = [line.split(" ", 2)[2] for line in (tmp_path / "p.log").read_text().splitlines()]
    assert found == [*(f"line {number}" for number in range(lines)), "the end"]
