"""The same again each second, on a screen of its own where there is a terminal."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from orchestrator.report.console import HOME

EVERY = 1.0
"""Seconds between two looks."""

OTHER_SCREEN, OWN_SCREEN = "\x1b[?1049h", "\x1b[?1049l"
"""To the alternate screen of a terminal and back (xterm control sequences)."""


def watch(look: Callable[[], Sequence[str] | None]) -> None:
    """Print what ``look`` gives, again and again, until it gives None, Ctrl-C or, on a terminal, q is pressed."""
    with _screen() as terminal, contextlib.suppress(KeyboardInterrupt):
        while (lines := look()) is not None:
            _print(lines, terminal)
            if _quits(terminal):
                return


def _print(lines: Sequence[str], terminal: bool) -> None:
    if terminal:
        columns, rows = shutil.get_terminal_size()
        sys.stdout.write(HOME + "\r\n".join(line if "\x1b" in line else line[:columns] for line in lines[: rows - 1]))
    else:
        sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _quits(terminal: bool) -> bool:
    """Wait for the next look; tell whether q was pressed meanwhile."""
    if not terminal:
        time.sleep(EVERY)
        return False
    return bool(select.select([sys.stdin], [], [], EVERY)[0]) and os.read(sys.stdin.fileno(), 1) in (b"q", b"")


@contextlib.contextmanager
def _screen() -> Iterator[bool]:
    """Take the terminal, if there is one, and give it back; tell whether there is."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        yield False
        return
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    sys.stdout.write(OTHER_SCREEN)
    try:
        yield True
    finally:
        sys.stdout.write(OWN_SCREEN)
        sys.stdout.flush()
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
