"""A recording: JSON lines, which any tool reads.

The first line says what it is, ``{"recording": 1, "mesh": ..., "began": SECONDS}``. Each message is a line,
``{"time": SECONDS, "socket": NAME, "parts": [...]}``, parts as text, or ``{"hex": "0102"}`` where they are none. The
last line is ``{"end": SECONDS, "messages": N}``: a recording without it was cut off.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.contract.wiring import from_bytes, to_bytes

VERSION = 1


class BadRecording(ValueError):
    """A file that is no recording."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message; ``time`` in seconds of the epoch."""

    time: float
    socket: str
    parts: list[bytes]


class Writer:
    """Writes a recording. A file that is there already is not written over: raise FileExistsError."""

    def __init__(self, path: Path, mesh: str, now: float) -> None:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(file, "w", encoding="utf-8")
        self.messages = 0
        self._line({"recording": VERSION, "mesh": mesh, "began": now})

    def write(self, socket: str, parts: list[bytes], now: float) -> None:
        """Add a message."""
        self.messages += 1
        self._line({"time": now, "socket": socket, "parts": [from_bytes(part) for part in parts]})

    def flush(self) -> None:
        """Give what was written to the system."""
        self._file.flush()

    def close(self, now: float) -> None:
        """Say that it is complete."""
        self._line({"end": now, "messages": self.messages})
        self._file.close()

    def _line(self, value: dict[str, Any]) -> None:
        self._file.write(json.dumps(value, ensure_ascii=False) + "\n")


def read(path: Path) -> Iterator[Message | None]:
    """Give the messages of a recording, and None at the end of one that is complete. Raise BadRecording, OSError."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.endswith("\n"):
                return  # torn: whoever wrote it was killed
            try:
                value = json.loads(line)
                if number == 1:
                    _head(value)
                elif "end" in value:
                    yield None
                    return
                else:
                    yield Message(float(value["time"]), value["socket"], [to_bytes(part) for part in value["parts"]])
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise BadRecording(f"{path}:{number}: no line of a recording: {error}") from None


def _head(value: Any) -> None:
    if value["recording"] != VERSION:
        raise BadRecording(f"version {value['recording']}, this library reads version {VERSION}")
