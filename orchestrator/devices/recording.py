"""A recording: JSON lines, which any tool reads.

The first line says what it is, ``{"recording": 1, "mesh": ..., "began": SECONDS}``. Each message is a line,
``{"time": SECONDS, "socket": NAME, "parts": [...]}``, parts as text, or ``{"hex": "0102"}`` where they are none. NAME
is the recorder's socket at which it came in, or, in what was heard on an edge, ``process.socket`` of who sent it, and
``"edge"`` stands before it. The last line is ``{"end": SECONDS, "messages": N, "lost": [...]}``: a recording without
it was cut off, and one with a reason in ``lost`` is incomplete.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.contract.wiring import from_bytes, to_bytes
from orchestrator.errors import OrchestratorError

VERSION = 1


class BadRecording(OrchestratorError, ValueError):
    """A file that is no recording."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message; ``time`` in seconds of the epoch."""

    time: float
    socket: str
    parts: list[bytes]


@dataclass(frozen=True, slots=True)
class End:
    """The end of a recording, and what may be missing before it."""

    messages: int
    lost: tuple[str, ...] = ()


class Writer:
    """Writes a recording. A file that is there already is not written over: raise FileExistsError."""

    def __init__(self, path: Path, mesh: str, now: float) -> None:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(file, "w", encoding="utf-8")
        self.messages = 0
        self._line({"recording": VERSION, "mesh": mesh, "began": now})

    def write(self, socket: str, parts: list[bytes], now: float, edge: str = "") -> None:
        """Add a message."""
        self.messages += 1
        self._line(line(socket, parts, now, edge))

    def flush(self) -> None:
        """Return what was written to the system."""
        self._file.flush()

    def close(self, now: float, lost: Sequence[str] = ()) -> None:
        """Say that it has ended, and what may be missing."""
        self._line({"end": now, "messages": self.messages, "lost": list(lost)})
        self._file.close()

    def _line(self, value: dict[str, Any]) -> None:
        self._file.write(json.dumps(value, ensure_ascii=False) + "\n")


def line(socket: str, parts: list[bytes], now: float, edge: str = "") -> dict[str, Any]:
    """Return a message as its line has it."""
    heard = {"time": now} | ({"edge": edge} if edge else {})
    return heard | {"socket": socket, "parts": [from_bytes(part) for part in parts]}


def read(path: Path) -> Iterator[Message | End]:
    """Yield the messages of a recording, and its end where it was not cut off. Raise BadRecording, OSError."""
    with path.open(encoding="utf-8") as lines:
        for number, text in enumerate(lines, 1):
            if not text.endswith("\n"):
                return  # torn: whoever wrote it was killed
            try:
                value = json.loads(text)
                if number == 1:
                    _head(value)
                elif "end" in value:
                    yield End(int(value["messages"]), tuple(map(str, value.get("lost", ()))))
                    return
                else:
                    yield Message(float(value["time"]), value["socket"], [to_bytes(part) for part in value["parts"]])
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise BadRecording(f"{path}:{number}: no line of a recording: {error}") from None


def _head(value: Any) -> None:
    if value["recording"] != VERSION:
        raise BadRecording(f"version {value['recording']}, this library reads version {VERSION}")
