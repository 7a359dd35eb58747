"""Recordings of a mesh: what flows on edges, into a file; and in whose place a file is sent."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from orchestrator.devices.recording import BadRecording, Message, Writer, read
from orchestrator.project.errors import UsageError

if TYPE_CHECKING:
    from orchestrator.client.tap_session import TapSession


class Recorded(NamedTuple):
    """How many messages a recording has, and what may be missing in it."""

    messages: int
    lost: list[str]


def default_path(mesh: str, now: time.struct_time) -> Path:
    """Return where a recording goes that nobody gave a path."""
    return Path(time.strftime(f"{mesh}-%Y%m%d-%H%M%S.jsonl", now))


def record(hearing: TapSession, path: Path, mesh: str, *, began: float, seconds: float | None) -> Recorded:
    """Write what a session hears until the mesh ends, so many seconds are over, or Ctrl-C. Raise UsageError."""
    try:
        writer = Writer(path, mesh, began)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; nothing is written over") from None
    try:
        try:
            _write(hearing, writer, seconds)
        except KeyboardInterrupt:
            hearing.stop()
            _write(hearing, writer, None)
        lost = hearing.losses.told()
        writer.close(time.time(), lost)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; the recording ends there") from None
    return Recorded(writer.messages, lost)


def sender(recording: Path, process: str) -> str:
    """Return the process in whose place a recording is sent: the one that is named, or the only one. Raise UsageError.

    One that had sent nothing of it cannot be named.
    """
    senders = _senders(recording)
    if not senders:
        raise UsageError(f"{recording}: it does not say which processes had sent; the device replayer sends such a one")
    if not process and len(senders) > 1:
        raise UsageError(f"{recording}: {', '.join(senders)} had sent; name one of them")
    if process and process not in senders:
        raise UsageError(f"{recording}: {process} had sent nothing; {', '.join(senders)} had")
    return process or senders[0]


def _write(hearing: TapSession, writer: Writer, seconds: float | None) -> None:
    for found in hearing.messages(seconds):
        for each in found:
            writer.write(each.socket, each.parts, each.time, each.edge)
        writer.flush()


def _senders(recording: Path) -> Sequence[str]:
    try:
        sockets = {message.socket: None for message in read(recording) if isinstance(message, Message)}
    except BadRecording as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise UsageError(f"{recording}: {error.strerror}") from None
    return list(dict.fromkeys(socket.partition(".")[0] for socket in sockets if "." in socket))
