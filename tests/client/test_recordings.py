"""Where a recording goes, what is written, and in whose place it is sent."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import pytest

from orchestrator.client import recordings
from orchestrator.client.tap_session import TapSession
from orchestrator.devices.recording import End, Message, Writer, read
from orchestrator.project.errors import UsageError
from orchestrator.tap.buffer import TappedMessage


class Losses:
    def told(self) -> list[str]:
        return ["2 messages had no room"]


class Session:
    """What a session tells that hears some messages, and is interrupted after them."""

    losses = Losses()

    def __init__(self, *messages: TappedMessage) -> None:
        self.left, self.stopped = [*messages], False

    def messages(self, seconds: float | None) -> Iterator[Sequence[TappedMessage]]:
        if self.stopped:
            yield self.left[1:]
            return
        yield self.left[:1]
        raise KeyboardInterrupt

    def stop(self) -> None:
        self.stopped = True


def tapped(number: int) -> TappedMessage:
    return TappedMessage(float(number), "ticks", "feed.out", [b"%d" % number])


def wrote(path: Path, *sockets: str) -> Path:
    writer = Writer(path, "shop", 1.0)
    for socket in sockets:
        writer.write(socket, [b"x"], 2.0)
    writer.close(3.0)
    return path


def test_the_name_of_a_file_is_that_of_the_mesh_and_the_time() -> None:
    assert recordings.default_path("shop", time.gmtime(0)) == Path("shop-19700101-000000.jsonl")


def test_what_was_heard_before_an_interrupt_is_written_too(tmp_path: Path) -> None:
    session = cast(TapSession, Session(tapped(1), tapped(2), tapped(3)))
    path = tmp_path / "r.jsonl"
    found = recordings.record(session, path, "shop", began=0.0, seconds=None)
    assert found == (3, ["2 messages had no room"])
    *messages, end = read(path)
    assert messages == [Message(float(number), "feed.out", [b"%d" % number]) for number in (1, 2, 3)]
    assert end == End(3, ("2 messages had no room",))


def test_nothing_is_written_over(tmp_path: Path) -> None:
    path = wrote(tmp_path / "r.jsonl", "feed.out")
    before = path.read_bytes()
    with pytest.raises(UsageError, match=r"r\.jsonl: File exists; nothing is written over"):
        recordings.record(cast(TapSession, Session()), path, "shop", began=0.0, seconds=None)
    assert path.read_bytes() == before


def test_the_sender_is_the_one_that_had_sent_or_the_one_that_is_named(tmp_path: Path) -> None:
    alone = wrote(tmp_path / "alone.jsonl", "feed.out", "feed.log")
    assert recordings.sender(alone, "") == recordings.sender(alone, "feed") == "feed"
    several = wrote(tmp_path / "several.jsonl", "bot-1.out", "bot-0.out", "bot-1.out")
    assert recordings.sender(several, "bot-0") == "bot-0"


@pytest.mark.parametrize(
    ("sockets", "process", "said"),
    [
        (["a.out", "b.out"], "", "a, b had sent; name one of them"),
        (["a.out"], "b", "b had sent nothing; a had"),
        (["in"], "", "it does not say which processes had sent; the device replayer sends such a one"),
    ],
)
def test_who_is_meant_has_to_be_clear(tmp_path: Path, sockets: list[str], process: str, said: str) -> None:
    path = wrote(tmp_path / "r.jsonl", *sockets)
    with pytest.raises(UsageError) as raised:
        recordings.sender(path, process)
    assert str(raised.value) == f"{path}: {said}"


def test_what_is_no_recording_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file or directory"):
        recordings.sender(tmp_path / "none", "")
    (tmp_path / "text").write_text("hello\n")
    with pytest.raises(UsageError, match="text:1: no line of a recording"):
        recordings.sender(tmp_path / "text", "")
