"""The codes of what keeps a file from being understood."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Code(NamedTuple):
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
        "Names become names of files, variables and processes, so they match ``[a-z][a-z0-9_-]{0,62}``, and two "
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
