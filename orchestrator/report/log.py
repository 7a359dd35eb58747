"""Lines of processes, each behind the name of who wrote it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from orchestrator.control.records import Record
from orchestrator.report.text import DIM, PALETTE, RED, paint, stamp, visible


class Prefixes:
    """Gives each process a column of equal width and a color of its own.

    ``commands`` says that whoever reads obeys lines that begin with ``::`` (GitHub's workflow commands).
    """

    def __init__(
        self, processes: Sequence[str], *, color: bool = False, prefix: bool = True, commands: bool = False
    ) -> None:
        self._width = max(map(len, processes), default=0)
        self._colors = {name: PALETTE[number % len(PALETTE)] for number, name in enumerate(processes)}
        self._color = color
        self._prefix = prefix
        self._commands = commands and not prefix

    def record(self, record: Record, *, times: bool = False) -> str:
        """Return a line that a process wrote, with its time before it where wanted."""
        time = paint(stamp(record.time), DIM, self._color) + " " if times else ""
        text = visible(record.text)
        if self._commands and text.lstrip().startswith(("::", "##[")):
            text = f"\\x{ord(text.lstrip()[0]):02x}{text.lstrip()[1:]}"
        return f"{self._before(record.process, '|')}{time}{text}"

    def remark(self, process: str, text: str) -> str:
        """Return a line about a process, marked with ``!``."""
        name = process.ljust(self._width)
        return paint(f"{name} ! {visible(text)}", RED, self._color)

    def _before(self, process: str, mark: str) -> str:
        if not self._prefix:
            return ""
        return paint(f"{process.ljust(self._width)} {mark}", self._colors.get(process, DIM), self._color) + " "


def as_json(record: Record) -> str:
    """Return a line as a JSON object: epoch seconds, who, ``stdout`` or ``stderr``, what."""
    stream = "stderr" if record.stream == "e" else "stdout"
    return json.dumps({"time": record.time, "process": record.process, "stream": stream, "text": record.text})
