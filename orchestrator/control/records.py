"""The lines of a log file: what a supervisor writes and clients read."""

from __future__ import annotations

from typing import NamedTuple


class Record(NamedTuple):
    """One line that a process wrote: epoch seconds, who, ``o`` for stdout or ``e`` for stderr, what."""

    time: float
    process: str
    stream: str
    text: str


def parse(process: str, line: bytes) -> Record | None:
    """Read one line of a log file; None where it is torn."""
    head, _, rest = line.partition(b" ")
    stream, _, text = rest.partition(b" ")
    try:
        return Record(float(head), process, stream.decode(), text.decode(errors="backslashreplace"))
    except ValueError:
        return None
