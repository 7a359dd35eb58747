"""The command line: parses, calls, prints. What a verb needs is imported when it runs, so that help comes at once."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from typing import NoReturn

from orchestrator.cli.mistake import Mistake

INTERRUPTED = 130
"""Exit status after Ctrl-C, 128 + SIGINT, as shells have it."""


def main() -> None:
    """Run the command; a mistake of whoever typed it is told in one line, with exit status 2."""
    # What it loads makes many objects and little garbage: looking for that would take a sixth of its time.
    gc.set_threshold(200_000)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # no stream, or one that is not a text file
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        if sys.argv[1:2] == ["up"] and sys.platform == "linux" and not {"-h", "--help"} & {*sys.argv}:
            from orchestrator.control import launch

            launch.early()  # it loads while the command line and the topology are read
        from orchestrator.cli import verbs

        verbs.app(*sys.argv[1:2])()
    except Mistake as mistake:
        print(mistake, file=sys.stderr)
        sys.exit(2)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            _leave_interrupted()
        raise
    except KeyboardInterrupt:
        _leave_interrupted()
    except BrokenPipeError:
        pass  # whoever read has seen enough
    finally:
        _flush()
        gc.freeze()  # nothing is collected at the end either


def _leave_interrupted() -> NoReturn:
    # Python would kill itself by SIGINT where the interrupt came while a string was executed, as dataclasses do.
    _flush()
    os._exit(INTERRUPTED)


def _flush() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
