from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.contract.env_file import BadEnvFile, read


def written(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def test_lines_are_taken_as_they_are(tmp_path: Path) -> None:
    data = b'\xef\xbb\xbf# a comment\n\n  # another\nA=1\r\nB=\nC= x "$A" # no comment \nD=a=b\nE.f-g=\xc3\xbc'
    assert read([written(tmp_path / "a", data)]) == {
        "A": "1", "B": "", "C": ' x "$A" # no comment ', "D": "a=b", "E.f-g": "ü",
    }  # fmt: skip


@pytest.mark.parametrize("data", [b'A="', b'A=5" disk\nB=3"', b"A='x'\nB='", b'A="x" y\nB=z"'])
def test_a_quote_alone_is_a_character(tmp_path: Path, data: bytes) -> None:
    assert read([written(tmp_path / "a", data)])["A"] == data.split(b"\n")[0][2:].decode()


def test_later_files_win(tmp_path: Path) -> None:
    files = [written(tmp_path / "a", b"A=1\nB=1\n"), written(tmp_path / "b", b"A=2\n")]
    assert read(files) == {"A": "2", "B": "1"}
    assert read([]) == {}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"hunter2", "no '='; a line is NAME=value, and values cannot go over several lines"),
        (
            b'A="hunter2\nx=y\nhunter3"',
            "a quote that ends in a later line: quotes are plain characters, values cannot go over several lines",
        ),
        (b"export A=hunter2", "'export' is a shell's word; a line is NAME=value"),
        (b"A = hunter2", "no name, or space around it; a line is NAME=value"),
        (b"=hunter2", "no name, or space around it; a line is NAME=value"),
        (b"A=hunter2\0", "a NUL character"),
        (b"A=\xff", "not UTF-8"),
    ],
)
def test_a_bad_line_is_told_by_its_number_alone(tmp_path: Path, line: bytes, why: str) -> None:
    path = written(tmp_path / "a", b"B=1\n" + line + b"\n")
    with pytest.raises(BadEnvFile) as raised:
        read([path])
    assert str(raised.value) == f"env_file {path}:2: {why}"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadEnvFile, match=f"env_file {tmp_path}/none: No such file or directory"):
        read([str(tmp_path / "none")])
