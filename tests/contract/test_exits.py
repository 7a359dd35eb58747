from __future__ import annotations

import os
import tempfile
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.contract import exits
from orchestrator.contract.exits import Exit


def ended(generation: int, process: str = "bot-1") -> Exit:
    return Exit(process, generation, 100 + generation, 7, 9, 1.5)


def test_exits_are_read_in_order(tmp_path: Path) -> None:
    file = tmp_path / "exits.jsonl"
    written = [ended(1), ended(2), ended(1, "feed")]
    for each in written:
        exits.append(file, each)
    assert exits.read(file) == written
    assert file.stat().st_mode & 0o777 == 0o600


def test_no_file_is_no_exit(tmp_path: Path) -> None:
    assert exits.read(tmp_path / "none") == []


@pytest.mark.parametrize("torn", [b'{"process":"a","gen', b"[1]\n", b"{}\n", b"\xff\n", b"1\n"])
def test_a_torn_line_is_left_out(tmp_path: Path, torn: bytes) -> None:
    file = tmp_path / "exits.jsonl"
    exits.append(file, ended(1))
    with file.open("ab") as more:
        more.write(torn)
    assert exits.read(file) == [ended(1)]


@given(st.integers(0, 200))
def test_an_exit_survives_a_line_torn_before_it(cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "exits.jsonl")
        exits.append(file, ended(1))
        os.truncate(file, min(cut, file.stat().st_size))
        exits.append(file, ended(2))
        assert exits.read(file)[-1:] == [ended(2)]


def test_start_ticks_tell_incarnations_of_a_pid_apart() -> None:
    own = exits.start_ticks(os.getpid())
    started = psutil.Process().create_time() - psutil.boot_time()
    assert own / os.sysconf("SC_CLK_TCK") == pytest.approx(started, abs=2)


def test_start_ticks_of_nobody() -> None:
    with pytest.raises(OSError, match="No such"):
        exits.start_ticks(2**22 + 1)


def test_each_line_is_read_once(tmp_path: Path) -> None:
    file = tmp_path / "exits.jsonl"
    seen = exits.Exits(file)
    assert seen.of("p", 1) is None
    exits.append(file, ended(1))
    assert seen.of("bot-1", 1) == ended(1)
    with open(file, "ab") as torn:
        torn.write(b'{"process": "q", "gen')
    assert seen.of("q", 1) is None
    exits.append(file, ended(2))
    assert seen.of("bot-1", 2) == ended(2)
    assert seen.of("bot-1", 1) is None


@pytest.mark.process
def test_a_fork_is_told_from_what_it_executes() -> None:
    ours, theirs = os.pipe()
    fork = os.fork()
    if fork == 0:
        os.close(theirs)
        os.read(ours, 1)
        os._exit(0)
    assert not exits.executed(fork)
    os.close(theirs)
    os.waitpid(fork, 0)
    assert not exits.executed(fork)  # it is gone
    assert exits.executed(os.getpid())
