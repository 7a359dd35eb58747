"""The same again each second, on a screen of its own where there is a terminal."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from orchestrator.report import console

if TYPE_CHECKING:
    from orchestrator.report.terminal import Draw

EVERY = 1.0
"""Seconds between two looks."""


def watch(look: Callable[[], Sequence[str] | None]) -> None:
    """Show what ``look`` gives, again and again, until it gives None, Ctrl-C or, on a terminal, q is pressed."""
    with _screen() as draw, contextlib.suppress(KeyboardInterrupt):
        while (lines := look()) is not None:
            if draw is None:
                print("".join(f"{line}\n" for line in lines), end="", flush=True)
                time.sleep(EVERY)
                continue
            draw(lines)
            if select.select([sys.stdin], [], [], EVERY)[0] and os.read(sys.stdin.fileno(), 1) in (b"q", b""):
                return


@contextlib.contextmanager
def _screen() -> Iterator[Draw | None]:
    """Take the terminal, if there is one, and give it back; yield what draws on it."""
    if not (sys.stdin.isatty() and console.terminal(sys.stdout)):
        yield None
        return
    import termios
    import tty

    from orchestrator.report import terminal

    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    try:
        with terminal.screen() as draw:
            yield draw
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
