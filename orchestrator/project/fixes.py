"""``--fix`` and ``--diff``: the fixes of findings, carried out or shown; what would make a file worse is left.

Fixes are tried in memory. Those after which there is an error that was not there before are not carried out.
"""

from __future__ import annotations

import difflib
import os
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.lint.core import fix
from orchestrator.project.atomic_write import inside, rewrite
from orchestrator.project.errors import UsageError
from orchestrator.report.redact import hidden
from orchestrator.topology import reading
from orchestrator.topology.parse.lines import lines
from orchestrator.topology.reading import STDIN

if TYPE_CHECKING:
    from orchestrator.project.examine import Examined
    from orchestrator.topology.diagnostics.diagnostic import Edit

ROUNDS = 10
"""So often files are looked at again, since what is mended may show what else is wrong."""

Examine = Callable[[Mapping[str, bytes]], "Examined"]
"""Looks at the files again, with other contents of some, by their real path or ``-``."""

_Edits = tuple["Edit", ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a file's text."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mended:
    """What is found once fixes are carried out, how many findings these mend, and what becomes of which file."""

    found: Examined
    count: int
    changes: tuple[Change, ...]


def mend(found: Examined, examine: Examine) -> Mended:
    """Carry out fixes and look again, in memory, until there are none that make nothing worse.

    Raise UsageError where a file that changes lies outside of the tree.
    """
    now, count = found, 0
    for _ in range(ROUNDS):
        after, mended = _Attempt(now, found.texts, examine).best()
        if not mended:
            break
        now, count = after, count + mended
    texts = {file: now.texts[file] for file in found.texts if file in now.texts}
    changes = tuple(Change(file, found.texts[file], new) for file, new in texts.items() if new != found.texts[file])
    for change in changes:
        if change.file != STDIN:
            inside(change.file)
    return Mended(now, count, changes)


def diff(changes: Sequence[Change]) -> Iterator[str]:
    """Yield changes as a unified diff, without what may be secret."""
    for change in changes:
        old, new = (lines(hidden(each)) for each in (change.old, change.new))
        for line in difflib.unified_diff(old, new, change.file, change.file):
            yield line.rstrip("\r\n")


def write(changes: Sequence[Change]) -> None:
    """Write what changes. Raise UsageError where a file cannot be written, or has changed meanwhile."""
    for change in changes:
        try:
            content = reading.content(change.file)
            mark = BOM_UTF8 if content.startswith(BOM_UTF8) else b""
            if content != mark + change.old.encode():
                raise UsageError(f"{change.file}: has changed meanwhile, and is left as it is; run --fix again")
            rewrite(change.file, mark + change.new.encode())
        except OSError as error:
            raise UsageError(f"{change.file}: cannot be mended: {error.strerror}") from None


class _Attempt:
    """Tries the fixes of findings: all at once, and where that makes something worse, each half."""

    def __init__(self, found: Examined, written: Mapping[str, str], examine: Examine) -> None:
        self._found, self._written, self._examine = found, written, examine
        self._before = _errors(found)
        self._best, self._count = found, 0

    def best(self) -> tuple[Examined, int]:
        """Carry out what makes nothing worse; return what is found then, and how many findings that mends."""
        self._choose((), [each.edits for each in self._found.findings if each.edits])
        return self._best, self._count

    def _choose(self, kept: tuple[_Edits, ...], more: Sequence[_Edits]) -> tuple[_Edits, ...]:
        """Return those fixes that are ``kept`` already, and of the others those that make nothing worse beside them."""
        if not more:
            return kept
        after, count = self._tried([*kept, *more])
        if after is not None:
            self._best, self._count = after, count
            return (*kept, *more)
        if len(more) == 1:
            return kept
        half = len(more) // 2
        return self._choose(self._choose(kept, more[:half]), more[half:])

    def _tried(self, fixes: Sequence[_Edits]) -> tuple[Examined | None, int]:
        """Look at the files with fixes carried out; None where there is an error that was not there before."""
        texts, count = _applied(self._found.texts, fixes)
        if not count:
            return None, 0
        changed = {file: new for file, new in texts.items() if new != self._written.get(file)}
        after = self._examine({_real(file): new.encode() for file, new in changed.items()})
        return (None if _errors(after) - self._before else after), count


def _real(file: str) -> str:
    return file if file == STDIN else os.path.realpath(file)


def _errors(found: Examined) -> Counter[tuple[str, str, str]]:
    """Count the errors of each kind and place: lines move, and messages name what others are called."""
    return Counter((each.file, each.code, each.path) for each in found.findings if each.severity == "error")


def _applied(texts: Mapping[str, str], fixes: Sequence[_Edits]) -> tuple[dict[str, str], int]:
    """Return the texts of all files once fixes are carried out, and how many of these take effect."""
    of: dict[str, list[_Edits]] = {}
    for edits in fixes:
        of.setdefault(edits[0].file, []).append(edits)
    count, made = 0, dict(texts)
    for file in of.keys() & texts.keys():
        made[file], mended = fix.apply(texts[file], of[file])
        count += mended
    return made, count
