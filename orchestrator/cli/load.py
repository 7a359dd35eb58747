"""Files to topology and plan, with what is wrong with them told in full."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from orchestrator.cli import streams
from orchestrator.cli.mistake import Mistake
from orchestrator.cli.target import STDIN

if TYPE_CHECKING:
    from orchestrator.plan.model import Plan
    from orchestrator.topology.model import Topology
    from orchestrator.topology.problems import Problem, Problems

_read: dict[str, bytes] = {}
"""Standard input, which can be read only once."""


def topology(
    files: Sequence[str],
    sets: Mapping[str, str] | None = None,
    name: str = "",
    *,
    root: str = "",
    colour: bool = False,
) -> Topology:
    """Read files, each laid over those before it. Raise Mistake with all that is wrong with them."""
    from orchestrator.topology.load import load
    from orchestrator.topology.problems import Problems

    _read[STDIN] = streams.everything() if STDIN in files else b""
    try:
        with _kept():
            return load(files, sets or {}, os.environ, name=name or None, stdin=_read[STDIN], root=root or None)
    except Problems as problems:
        raise mistake(_all(problems, problems.understood, (), root), colour) from None


def stdin() -> bytes:
    """Give what the last topology read from standard input."""
    return _read.get(STDIN, b"")


def plan(
    files: Sequence[str],
    sets: Mapping[str, str],
    name: str,
    *,
    profiles: Sequence[str] = (),
    root: str = "",
    colour: bool,
) -> Plan:
    """Read files and decide everything about their mesh. Raise Mistake with all that is wrong."""
    return planned(topology(files, sets, name, root=root, colour=colour), profiles, colour=colour)


def planned(read: Topology, profiles: Sequence[str] = (), *, colour: bool) -> Plan:
    """Decide everything about a mesh. Raise Mistake with all that is wrong."""
    from orchestrator.plan.build import build
    from orchestrator.topology.problems import Problems

    try:
        with _kept():
            return build(read, tuple(profiles))
    except Problems as problems:
        raise mistake(_all(problems, read, profiles), colour) from None


def _all(problems: Problems, understood: Topology | None, profiles: Sequence[str], root: str = "") -> list[Problem]:
    """Give what is wrong, and what else is wrong with the part that can be understood."""
    if understood is None:
        return problems.problems
    from orchestrator.cli.verdict import wrong

    return wrong(understood, problems.problems, profiles, root)


@contextmanager
def _kept() -> Iterator[None]:
    """Keep the garbage collector off what is made here: that lives as long as the command."""
    from orchestrator.topology.load import uncollected

    with uncollected():
        try:
            yield
        finally:
            gc.freeze()


@contextmanager
def mistakes(colour: bool) -> Iterator[None]:
    """Raise Mistake in the place of Problems, with the lines that they stand in."""
    from orchestrator.topology.problems import Problems

    try:
        yield
    except Problems as problems:
        raise mistake(problems.problems, colour) from None


def mistake(found: Sequence[Problem], colour: bool) -> Mistake:
    """Make a mistake of what is wrong with files, with the lines that it stands in."""
    from orchestrator.report.problems import problems

    return Mistake("\n".join(problems(found, _text, colour=colour)))


def _text(file: str) -> str:
    from orchestrator.topology import reading

    if file in (STDIN, "<stdin>"):
        return stdin().decode(errors="replace")
    try:
        return reading.content(file).decode(errors="replace")
    except OSError:
        return ""
