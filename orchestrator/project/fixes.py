"""``--fix`` and ``--diff``: the edits of findings, carried out or shown."""

from __future__ import annotations

import difflib
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.lint.core import fix
from orchestrator.project.atomic_write import inside, rewrite
from orchestrator.project.errors import Mistake
from orchestrator.report.redact import hidden
from orchestrator.topology import reading
from orchestrator.topology.parse.lines import lines
from orchestrator.topology.reading import STDIN

if TYPE_CHECKING:
    from orchestrator.project.check import Found
    from orchestrator.topology.diagnostics.diagnostic import Edit

ROUNDS = 10
"""So often files are looked at again, since what is mended may show what else is wrong."""


def mend(found: Found, again: Callable[[], Found]) -> tuple[Found, int]:
    """Carry out the edits of findings and look again, until there are none; give what is left, and how many went."""
    total = 0
    for _ in range(ROUNDS):
        mended = _write(found)
        if not mended:
            break
        total += mended
        found = again()
    return found, total


def diff(found: Found) -> Iterator[str]:
    """Give what ``mend`` would change at first, as a unified diff without what may be secret."""
    for change in _all_changes(found):
        old, new = (lines(hidden(each)) for each in (change.old, change.new))
        for line in difflib.unified_diff(old, new, change.file, change.file):
            yield line.rstrip("\r\n")


@dataclass(frozen=True, slots=True)
class _Change:
    """What becomes of a file's text, and how many findings that mends."""

    file: str
    old: str
    new: str
    mended: int


def _write(found: Found) -> int:
    """Write what changes, but no file that has changed meanwhile; give how many findings that mends."""
    mended = 0
    for change in _all_changes(found):
        try:
            content = reading.content(change.file)
            mark = BOM_UTF8 if content.startswith(BOM_UTF8) else b""
            if content == mark + change.old.encode():
                rewrite(change.file, mark + change.new.encode())
                mended += change.mended
        except OSError as error:
            raise Mistake(f"{change.file}: cannot be mended: {error.strerror}") from None
    return mended


def _all_changes(found: Found) -> list[_Change]:
    """Give what changes. Raise Mistake where any of it lies outside of the tree, before anything is done."""
    changes = list(_changes(found))
    for change in changes:
        if change.file != STDIN:
            inside(change.file)
    return changes


def _changes(found: Found) -> Iterator[_Change]:
    of: dict[str, list[tuple[Edit, ...]]] = {}
    for problem in found.findings:
        for file in {edit.file for edit in problem.edits} & found.texts.keys():
            of.setdefault(file, []).append(tuple(edit for edit in problem.edits if edit.file == file))
    for file, wanted in of.items():
        new, mended = fix.apply(found.texts[file], wanted)
        if mended:
            yield _Change(file, found.texts[file], new, mended)
