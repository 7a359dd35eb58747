"""Where text goes: data to stdout, progress and notes to stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TextIO

from orchestrator.report.text import visible

HOME = "\x1b[H\x1b[J"
"""To the first line, and erase to the end of the screen (ECMA-48, CUP and ED)."""

CLEAR = "\r\x1b[K"
"""Back to the first column, and erase to the end of the line (ECMA-48, EL)."""


def colourful(stream: TextIO, no_color: bool) -> bool:
    """Tell whether a terminal is there for colours, and neither NO_COLOR (no-color.org) nor the flag says no."""
    return stream.isatty() and not no_color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def data(lines: Iterable[str]) -> None:
    """Print what was asked for."""
    for line in lines:
        print(line)


def note(text: str, quiet: bool = False) -> None:
    """Print something about what was asked for."""
    if text and not quiet:
        print(visible(text), file=sys.stderr)


class Screen:
    """Data and remarks as they come, with one line of progress below them where there is a terminal."""

    def __init__(self) -> None:
        self.broken = False
        self._live = sys.stderr.isatty()
        self._pending = ""

    def show(self, lines: Iterable[tuple[bool, str]], pending: str = "") -> None:
        """Print lines, each to stderr where it is a remark, then what is under way. Sets ``broken``, does not raise."""
        lines = list(lines)
        if not lines and pending == self._pending:
            return
        try:
            self._show(lines, pending if self._live else "")
        except BrokenPipeError:
            self._silence()

    def _show(self, lines: list[tuple[bool, str]], pending: str) -> None:
        if self._pending:
            sys.stderr.write(CLEAR)
        last = sys.stdout
        for remark, line in lines:
            stream = sys.stderr if remark else sys.stdout
            if stream is not last:
                last.flush()
            last = stream
            stream.write(line + "\n")
        sys.stdout.flush()
        sys.stderr.write(pending)
        sys.stderr.flush()
        self._pending = pending

    def _silence(self) -> None:
        """Go on without a reader: the mesh has to be stopped in peace."""
        self.broken = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except BrokenPipeError:
                os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
