"""Where text goes: data to stdout, progress and notes to stderr."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections import deque
from collections.abc import Iterable
from itertools import groupby
from typing import TextIO

from orchestrator.report import streams
from orchestrator.report.text import visible

CLEAR = "\r\x1b[K"
"""Back to the first column, and erase to the end of the line (ECMA-48, EL)."""

HELD = 0.1
"""Seconds that one call of ``show`` may take where somebody reads slowly."""


def colorful(stream: TextIO, no_color: bool) -> bool:
    """Return whether a terminal is there for colors, and neither NO_COLOR (no-color.org) nor the flag says no."""
    return terminal(stream) and not no_color and not os.environ.get("NO_COLOR")


def terminal(stream: TextIO) -> bool:
    """Return whether a terminal is there that obeys control sequences."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def data(lines: Iterable[str]) -> None:
    """Print what was asked for."""
    for line in lines:
        print(line)


def note(text: str, quiet: bool = False) -> None:
    """Print something about what was asked for."""
    if text and not quiet:
        print(visible(text), file=sys.stderr)


def confirmed(question: str) -> bool:
    """Ask on the terminal; return whether the answer is yes."""
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


class Screen:
    """Data and remarks as they come, with one line of progress below them where there is a terminal.

    Nobody is waited for who does not read: what is not written yet is ``pending``.
    """

    def __init__(self) -> None:
        self.broken = False
        self._live = sys.stderr.isatty()
        self._progress = ""
        self._unread: list[TextIO] = []
        self._queue: deque[tuple[TextIO, bytes]] = deque()

    @property
    def pending(self) -> bool:
        """Whether something waits to be read."""
        return bool(self._queue)

    def show(self, lines: Iterable[tuple[bool, str]], progress: str = "") -> None:
        """Print lines, each to stderr where it is a remark, then what is under way. Sets ``broken``, does not raise."""
        progress = progress if self._live else ""
        lines = list(lines)
        if lines or progress != self._progress:
            if self._progress:
                self._put(sys.stderr, CLEAR)
            for remark, some in groupby(lines, key=lambda each: each[0]):
                self._put(sys.stderr if remark else sys.stdout, "".join(f"{line}\n" for _, line in some))
            self._put(sys.stderr, progress)
            self._progress = progress
        self._write(HELD)

    def settle(self) -> None:
        """Write what waits; after a Ctrl-C only while somebody reads it."""
        while self._queue:
            before = len(self._queue), self._queue[0]
            self._write(streams.PATIENCE)
            if streams.hurried() and self._queue and before == (len(self._queue), self._queue[0]):
                stream, _ = self._queue[0]
                self._unread.append(stream)
                self._fail(stream, errno.EAGAIN)

    def _put(self, stream: TextIO, text: str) -> None:
        if text and stream not in self._unread:
            self._queue.append((stream, text.encode(stream.encoding, "backslashreplace")))

    def _write(self, seconds: float) -> None:
        """Write what waits, at most about so many seconds long."""
        until = time.monotonic() + seconds
        while self._queue and (left := until - time.monotonic()) > 0:
            stream, data = self._queue[0]
            if not streams.writable(stream.fileno(), left):
                return
            try:
                data = data[os.write(stream.fileno(), data[: streams.PIECE]) :]
            except BlockingIOError:
                continue  # somebody else who writes there was quicker
            except OSError as error:
                self._fail(stream, error.errno or errno.EIO)
                continue
            if data:
                self._queue[0] = stream, data
            else:
                self._queue.popleft()

    def _fail(self, stream: TextIO, number: int) -> None:
        """Go on without a reader, so that the mesh ends in peace; nobody misses what was closed from the beginning."""
        self._queue = deque(each for each in self._queue if each[0] is not stream)
        self.broken = self.broken or number == errno.EPIPE
        if stream is sys.stdout and number != errno.EBADF:
            streams.fail(number)
