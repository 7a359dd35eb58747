"""What can be wrong with a topology file, as data; a problem says where it is and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of problem: its code, its name, and what it means and why it is refused."""

    code: str
    name: str
    about: str


_CODES = (
    Code("S001", "unreadable", "The file cannot be read: it is missing, too large, binary or not UTF-8."),
    Code("S002", "syntax", "The text is not YAML. What follows the place is not read, so mend this one first."),
    Code(
        "S003",
        "too-much",
        "Nesting, or what aliases and variables unfold to, is beyond any use: such files exhaust memory.",
    ),
    Code("S004", "duplicate-key", "A key stands twice in one mapping. YAML would silently drop one of them."),
    Code(
        "S005",
        "not-our-yaml",
        "Tags, several documents in a file, and keys that are no text have no meaning in a topology.",
    ),
    Code("S006", "not-a-topology", "The file is something else than a mapping of name, nodes, edges and so on."),
    Code(
        "S007",
        "include",
        "A file that is to be included cannot be: it is missing, outside the folder of the first file, or includes "
        "itself.",
    ),
    Code("S008", "defined-twice", "Two included files define the same; none of them stands above the other."),
    Code(
        "S009",
        "unquoted-variable",
        "Inside { } and [ ] YAML reads the braces of ${...} as a mapping, so there it must stand in quotes.",
    ),
    Code("S010", "unknown-key", "The language has no such key here; a key that is ignored silently misleads."),
    Code("S011", "not-supported-yet", "The language has this, the program not yet."),
    Code("S012", "wrong-value", "The value is not of the kind that the key takes."),
    Code("S013", "missing-key", "A key that must be written is not there."),
    Code(
        "S014",
        "bad-name",
        "Names become names of files, variables and processes, so they are [a-z][a-z0-9_-]{0,62}, and two of them "
        "may not differ only in - and _.",
    ),
    Code("S015", "conflict", "Keys that exclude one another stand together, or none of them does."),
    Code("S020", "variable", "A ${...} that cannot be replaced: unknown, unset, in a loop, or not known here."),
    Code("S030", "unknown-profile", "No node has a profile that was asked for."),
    Code("S031", "template-loop", "Templates extend one another in a loop."),
    Code("S033", "incomplete-edge", "An edge joins too little: one side is empty, or no end of it is ours."),
)

CODES: Mapping[str, Code] = MappingProxyType({each.code: each for each in _CODES})
"""Every code of the schema layer that is none of a rule."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a file: ``old`` stands exactly there, and ``new`` belongs in its place.

    ``line`` and ``column`` count from 1, columns in characters.
    """

    file: str
    line: int
    column: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Fix:
    """What mends a problem: edits that are all made or none. Only a ``safe`` one is made where nobody is asked."""

    edits: tuple[Edit, ...]
    safe: bool = True


@dataclass(frozen=True, slots=True)
class Problem:
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
