"""Reading what a supervisor writes: files that grow by lines and are rotated."""

from __future__ import annotations

import heapq
import json
import math
import os
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from orchestrator.control.messages import Event
from orchestrator.control.records import Record, parse

CHUNK = 256 * 1024


class Tail:
    """The complete lines of a file, as they come; a file that takes its place is read from its beginning."""

    def __init__(self, path: Path, *, at_end: bool = False) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._rest = b""
        self.behind = False
        if at_end and self._open() and self._file is not None:
            self._file.seek(0, os.SEEK_END)

    def lines(self, most: float = math.inf) -> Iterator[bytes]:
        """Yield the lines, without their newline, that have come since the last time.

        After about ``most`` bytes the rest is left for the next time; ``behind`` tells whether there may be some.
        """
        self.behind = False
        while self._file is not None or self._open():
            yield from self._read(most)
            if self.behind or not self._replaced():
                return
            yield from self._read()  # written between the last read and the rotation
            self.close()

    def close(self) -> None:
        """Close the file; a later call of ``lines`` opens it anew."""
        if self._file is not None:
            self._file.close()
        self._file = None
        self._rest = b""

    def _read(self, most: float = math.inf) -> Iterator[bytes]:
        while self._file is not None and (chunk := self._file.read(CHUNK)):
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            most -= len(chunk)
            self.behind = most <= 0
            yield from lines
            if self.behind:
                return

    def _open(self) -> bool:
        try:
            self._file = open(self._path, "rb", buffering=0)  # noqa: SIM115 - kept open between calls
        except OSError:
            return False
        return True

    def _replaced(self) -> bool:
        if self._file is None:
            return False
        try:
            return os.stat(self._path).st_ino != os.fstat(self._file.fileno()).st_ino
        except OSError:
            return False


class Log:
    """What one process writes, oldest first, with what was rotated away."""

    def __init__(self, folder: Path, process: str, *, at_end: bool = False) -> None:
        self.process = process
        self._path = folder / f"{process}.log"
        self._tail = Tail(self._path, at_end=at_end)

    def past(self, first: float = 0.0) -> Iterator[Record]:
        """Yield what is kept since a time, in epoch seconds, up to now; ``new`` goes on from there."""
        for path in self._rotated():
            tail = Tail(path)
            yield from (record for record in self._records(tail) if record.time >= first)
            tail.close()
        yield from (record for record in self.new() if record.time >= first)

    def new(self, most: float = math.inf) -> Iterator[Record]:
        """Return what has come since the last time; after about ``most`` bytes the rest is left for the next time."""
        return self._records(self._tail, most)

    @property
    def behind(self) -> bool:
        """Whether something may be left for the next time."""
        return self._tail.behind

    def close(self) -> None:
        """Close the file."""
        self._tail.close()

    def _records(self, tail: Tail, most: float = math.inf) -> Iterator[Record]:
        for line in tail.lines(most):
            if record := parse(self.process, line):
                yield record

    def _rotated(self) -> list[Path]:
        numbered = {path.suffix[1:]: path for path in self._path.parent.glob(f"{self._path.name}.*")}
        return [numbered[number] for number in sorted(filter(str.isdecimal, numbered), key=int, reverse=True)]


def events(tail: Tail) -> Iterator[Event]:
    """Return the events that have come since the last time."""
    return (event for line in tail.lines() if (event := _event(line)))


def last_run(tail: Tail) -> list[Event]:
    """Return the events of the current or last run that a fresh tail has; the tail goes on from there."""
    found: list[Event] = []
    for line in reversed(list(tail.lines())):  # what earlier runs have left is not even parsed
        if event := _event(line):
            found.append(event)
            if event["event"] == "begin":
                break
    return found[::-1]


def begun(events_file: Path, before: Path) -> float:
    """Return when the current or last run began, in epoch seconds; 0 where neither file tells."""
    for path in (events_file, before):
        tail = Tail(path)
        first = next(iter(last_run(tail)), None)
        tail.close()
        if first is not None and first["event"] == "begin":
            return first["time"]
    return 0.0


def _event(line: bytes) -> Event | None:
    """Return what a line says; None where a crash tore it."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return cast(Event, event) if isinstance(event, dict) and "event" in event and "time" in event else None


def merged(logs: Sequence[Log], first: float = 0.0, last: int | None = None) -> Iterator[Record]:
    """Yield what is kept of several processes since a time, in epoch seconds, by time; of each the ``last`` lines."""
    if last is None:
        yield from heapq.merge(*(log.past(first) for log in logs), key=lambda record: record.time)
    else:
        kept = [record for log in logs for record in deque(log.past(first), maxlen=last)]
        yield from sorted(kept, key=lambda record: record.time)
