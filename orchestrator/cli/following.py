"""Verbs that follow or wait: how Ctrl-C ends them. That of ``up`` is in client/interrupts.py."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from orchestrator.contract.statuses import INTERRUPTED


@contextmanager
def until_interrupt(remark: str = "", *, goes_on: bool = False) -> Iterator[None]:
    """End the command when Ctrl-C comes, with what to say about it; that of what ``goes_on`` for ever is its end."""
    try:
        yield
    except KeyboardInterrupt:
        if remark:
            print(remark, file=sys.stderr)
        raise typer.Exit(0 if goes_on else INTERRUPTED) from None


def stay_awake() -> None:
    """Pass over Ctrl-Z: a listener that is suspended would keep a publisher that ends waiting for it."""
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)
