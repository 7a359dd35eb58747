"""What can be wrong with a topology file, as data; a problem says where it is and what to do."""

from __future__ import annotations

from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "info"]


class Edit(NamedTuple):
    """A change of a file: ``old`` stands exactly there, and ``new`` belongs in its place.

    ``line`` and ``column`` count from 1, columns in characters.
    """

    file: str
    line: int
    column: int
    old: str
    new: str


class Fix(NamedTuple):
    """What mends a problem: edits that are all made or none. Only a ``safe`` one is made where nobody is asked."""

    edits: tuple[Edit, ...]
    safe: bool = True


class Diagnostic(NamedTuple):
    """One thing that is wrong. ``line`` and ``column`` count from 1; 0 where the file as a whole is meant.

    ``path`` is the key path with dots, ``expected`` what may stand there, ``suggestion`` what to do, ``origin`` which
    other places or variables made the value; all can be empty. An ``error`` is refused, a ``warning`` likely wrong, an
    ``info`` good to know. Where ``shown`` is false the file may be anything, and no line of
    it is shown.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    expected: str = ""
    suggestion: str = ""
    code: str = ""
    severity: Severity = "error"
    fix: Fix | None = None
    origin: str = ""
    shown: bool = True

    @property
    def edits(self) -> tuple[Edit, ...]:
        """What mends it safely."""
        return self.fix.edits if self.fix is not None and self.fix.safe else ()

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        what = f"{place}: {self.path}: {self.message}" if self.path else f"{place}: {self.message}"
        expected = f"expected {self.expected}" if self.expected else ""
        return "; ".join(filter(None, (what, expected, self.suggestion, self.origin)))
