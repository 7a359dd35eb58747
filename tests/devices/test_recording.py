"""Recordings: what was written is read, what is no recording is refused, and what was cut off says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.devices import recorder
from orchestrator.devices.recording import BadRecording, End, Message, Writer, read


@given(st.lists(st.tuples(st.sampled_from("ab"), st.lists(st.binary(max_size=8), min_size=1, max_size=3)), max_size=5))
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, given: list[tuple[str, list[bytes]]]
) -> None:
    path = tmp_path_factory.mktemp("r") / "r.jsonl"
    writer = Writer(path, "mesh", 1.0)
    for number, (socket, parts) in enumerate(given):
        writer.write(socket, parts, float(number))
    writer.close(9.0)
    assert list(read(path)) == [
        *(Message(float(n), socket, parts) for n, (socket, parts) in enumerate(given)),
        End(len(given)),
    ]


def test_one_that_was_cut_off_has_no_end(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    writer = Writer(path, "mesh", 1.0)
    writer.write("a", [b"one"], 1.0)
    writer.write("a", [b"two"], 2.0)
    writer.close(3.0)
    text = path.read_bytes()
    for size in range(len(text)):
        path.write_bytes(text[:size])
        assert not [each for each in read(path) if isinstance(each, End)]


@pytest.mark.parametrize("text", ["x\n", "{}\n", "[]\n", '{"recording": 2}\n', '{"recording": 1}\n{"time": 1}\n'])
def test_what_is_no_recording_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(text)
    with pytest.raises(BadRecording, match=rf"{path}:\d: no line of a recording"):
        list(read(path))


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text("mine")
    recorder._writer(path, "mesh").close(1.0)
    assert path.read_text() == "mine"
    assert capsys.readouterr().out == f"records into {tmp_path / 'r-2.jsonl'}\n"
    assert list(read(tmp_path / "r-2.jsonl")) == [End(0)]
