"""Problems of files -> a mistake, with the lines that they stand in, those of standard input among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from orchestrator.project.errors import UsageError
from orchestrator.project.stdin import everything
from orchestrator.topology.reading import STDIN

if TYPE_CHECKING:
    from orchestrator.topology.diagnostics.diagnostic import Diagnostic

_read: dict[str, bytes] = {}
"""Standard input, which can be read only once."""


def read_stdin(files: Sequence[str]) -> bytes:
    """Read standard input where it is one of the files. Raise UsageError."""
    _read[STDIN] = everything() if STDIN in files else b""
    return _read[STDIN]


def stdin() -> bytes:
    """Return what was read from standard input for the last topology."""
    return _read.get(STDIN, b"")


@contextmanager
def mistakes(color: bool) -> Iterator[None]:
    """Raise UsageError in the place of Problems, with the lines that they stand in."""
    from orchestrator.topology.errors import InvalidTopologyError

    try:
        yield
    except InvalidTopologyError as problems:
        raise mistake(problems.problems, color) from None


def mistake(found: Sequence[Diagnostic], color: bool) -> UsageError:
    """Make a mistake of what is wrong with files, with the lines that it stands in."""
    from orchestrator.report.problems import problems

    return UsageError("\n".join(problems(found, _text, color=color)))


def _text(file: str) -> str:
    from orchestrator.topology import reading

    if file in (STDIN, "<stdin>"):
        return stdin().decode(errors="replace")
    try:
        return reading.content(file).decode(errors="replace")
    except OSError:
        return ""
