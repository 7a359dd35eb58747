"""Files to topology and plan, with what is wrong with them told in full."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from orchestrator.project import refusal

if TYPE_CHECKING:
    from orchestrator.plan.model import Plan
    from orchestrator.project.selection import Selection
    from orchestrator.topology.diagnostics.diagnostic import Problem
    from orchestrator.topology.errors import Problems
    from orchestrator.topology.model import Topology


def topology(selection: Selection, *, colour: bool = False) -> Topology:
    """Read files, each laid over those before it. Raise Mistake with all that is wrong with them."""
    from orchestrator.topology.errors import Problems
    from orchestrator.topology.load import load

    files, root = selection.files, selection.root
    stdin = refusal.read_stdin(files)
    try:
        with _kept():
            return load(files, selection.sets, os.environ, name=selection.name or None, stdin=stdin, root=root or None)
    except Problems as problems:
        raise refusal.mistake(_all(problems, problems.understood, (), root), colour) from None


def plan(selection: Selection, *, colour: bool) -> Plan:
    """Read files and decide everything about their mesh. Raise Mistake with all that is wrong."""
    return planned(topology(selection, colour=colour), selection.profiles, colour=colour)


def planned(read: Topology, profiles: Sequence[str] = (), *, colour: bool) -> Plan:
    """Decide everything about a mesh. Raise Mistake with all that is wrong."""
    from orchestrator.plan.build import build
    from orchestrator.topology.errors import Problems

    try:
        with _kept():
            return build(read, tuple(profiles))
    except Problems as problems:
        raise refusal.mistake(_all(problems, read, profiles), colour) from None


def _all(problems: Problems, understood: Topology | None, profiles: Sequence[str], root: str = "") -> list[Problem]:
    """Give what is wrong, and what else is wrong with the part that can be understood."""
    if understood is None:
        return problems.problems
    from orchestrator.project import precheck

    return precheck.wrong(understood, problems.problems, profiles, root)


@contextmanager
def _kept() -> Iterator[None]:
    """Keep the garbage collector off what is made here: that lives as long as the command."""
    from orchestrator.topology.load import uncollected

    with uncollected():
        try:
            yield
        finally:
            gc.freeze()
