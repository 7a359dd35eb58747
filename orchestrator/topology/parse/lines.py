"""Lines and places of a YAML text as libyaml counts them: lines and columns from 1, a column is a character."""

from __future__ import annotations

import re

_LINE = r"[^\n\r\x85\u2028\u2029]*(?:\r\n|[\n\r\x85\u2028\u2029])|[^\n\r\x85\u2028\u2029]+\Z"
"""A line with its break: YAML 1.1 has five of them, and libyaml counts each."""

_BREAKS = "\n\r\x85\u2028\u2029"

BOM = "\ufeff"
"""A byte order mark at the start takes no column."""


def lines(text: str) -> list[str]:
    """Split a text into lines, each with its line break."""
    return re.findall(_LINE, text)


def bare(line: str) -> str:
    """Take the line break off a line."""
    return line.rstrip(_BREAKS)


def starts(text: str) -> list[int]:
    """Return where each line starts; the first one after a byte order mark, and one more behind the last line break."""
    found = [len(BOM) if text.startswith(BOM) else 0]
    found += (match.end() for match in re.finditer(_LINE, text))
    if len(found) > 1 and text[-1] not in _BREAKS:
        found.pop()
    return found
