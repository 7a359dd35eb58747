"""What is read and not yet written, and a reader that is killed at any time."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from orchestrator.supervisor.inflight import CHUNK, Inflight

ROOT = Path(__file__).parents[2]


def fifo(folder: Path, data: bytes) -> int:
    os.mkfifo(folder / "fifo")
    fd = os.open(folder / "fifo", os.O_RDWR | os.O_NONBLOCK)
    os.write(fd, data)
    return fd


def test_who_dies_before_writing_leaves_all(tmp_path: Path) -> None:
    fd = fifo(tmp_path, b"one\ntwo\nthr")
    Inflight(tmp_path / "x").take(fd, 0, 100)
    assert Inflight(tmp_path / "x").left(100) == b"one\ntwo\nthr"


def test_who_dies_after_writing_leaves_the_line_without_an_end(tmp_path: Path) -> None:
    fd = fifo(tmp_path, b"one\ntwo\nthr")
    Inflight(tmp_path / "x").take(fd, 0, 100)
    assert Inflight(tmp_path / "x").left(120) == b"thr"


def test_what_waits_for_its_end_is_kept_with_what_comes(tmp_path: Path) -> None:
    fd = fifo(tmp_path, b"ee\nfour")
    inflight = Inflight(tmp_path / "x")
    inflight.keep(b"thr")
    assert Inflight(tmp_path / "x").left(100) == b"thr"
    assert inflight.take(fd, 3, 100) == b"ee\nfour"
    assert Inflight(tmp_path / "x").left(100) == b"three\nfour"


def test_a_new_one_holds_nothing(tmp_path: Path) -> None:
    assert Inflight(tmp_path / "x").left(0) == b""


def test_a_long_line_fits(tmp_path: Path) -> None:
    fd = fifo(tmp_path, b"x" * 4096)
    inflight = Inflight(tmp_path / "x")
    inflight.keep(b"y" * (CHUNK - 1))
    assert len(inflight.take(fd, CHUNK - 1, 0)) == 4096


READER = """
import sys, select
from pathlib import Path
from orchestrator.plan.model import Logs
from orchestrator.supervisor.logs import Log
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
    out = os.open(tmp_path / "out", os.O_RDWR)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    lines = 0
    for _ in range(25):
        reader = subprocess.Popen([sys.executable, "-c", READER, str(tmp_path)], env=environment)
        # From elsewhere, so that it comes at any time and not only between two writes.
        threading.Timer(random.uniform(0.15, 0.25), reader.kill).start()
        while reader.poll() is None:
            os.write(out, b"".join(b"line %d\n" % number for number in range(lines, lines + 200)))
            lines += 200
            time.sleep(0.0002)
    os.write(out, b"the end\n")
    last = subprocess.Popen([sys.executable, "-c", READER, str(tmp_path)], env=environment)
    deadline = time.monotonic() + 30
    while not (tmp_path / "p.log").read_text().endswith("the end\n"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    last.kill()
    last.wait()
    os.close(out)
    found = [line.split(" ", 2)[2] for line in (tmp_path / "p.log").read_text().splitlines()]
    assert found == [*(f"line {number}" for number in range(lines)), "the end"]
