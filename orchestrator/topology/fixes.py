"""What mends a problem, as data that is made where the problem is made: a place in a text, and what belongs there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from orchestrator.topology.diagnostics.diagnostic import Edit, Fix
from orchestrator.topology.diagnostics.hints import near
from orchestrator.topology.parse.document import Document, read
from orchestrator.topology.parse.lines import lines
from orchestrator.topology.parse.position import Path, Position

_BEFORE = re.compile(r"(?:[&!][^\s,\[\]{}]*[ \t]+)*([\"']?)")
"""What may stand between the place of a scalar and its text: its anchor, and a quote."""


def slip(word: str, meant: str) -> bool:
    """Return whether a word is another one but for a slip: a letter more, less or other, two swapped, ``-`` for ``_``.

    A digit is no letter: ``feed2`` and ``feed3`` are two things.
    """
    if word.replace("-", "_") == meant.replace("-", "_"):
        return word != meant
    start = _alike(word, meant)
    end = _alike(word[: start - 1 if start else None : -1], meant[: start - 1 if start else None : -1])
    one, other = word[start : len(word) - end], meant[start : len(meant) - end]
    if any(map(str.isdigit, one + other)):
        return False
    return max(len(one), len(other)) == 1 or (len(one) == 2 and one == other[::-1])


def meant(
    document: Document, path: Path, word: str, known: Iterable[str], *, key: bool = False, start: int = 0
) -> tuple[str, Fix | None]:
    """Suggest the known word that is nearest to one that stands at a key path, and return what puts it there.

    ``start`` is where the word begins in the value, where it is a part of that.
    """
    words = list(known)
    found = near(word, words)
    if not found:
        return "", None
    hint = f"did you mean {' or '.join(found)}?"
    return hint, respelled(document, path, word, found[0], words, key=key, start=start) if len(found) == 1 else None


def respelled(
    document: Document,
    path: Path,
    old: str,
    new: str,
    known: Collection[str] = (),
    *,
    key: bool = False,
    start: int = 0,
) -> Fix | None:
    """Return the fix that writes another word at a key path; None where the file has it in another form, or already.

    It is safe where ``old`` can be a slip of no other ``known`` word.
    """
    value = path[-1] if key else document.at(path)
    if not isinstance(value, str) or not value.startswith(old, start) or (key and document.before(path)):
        return None
    place = _column(document, document.where(path, value=not key), value)
    if place is None or _taken(document.at(path[:-1]), value, value[:start] + new + value[start + len(old) :], known):
        return None
    edit = Edit(place.file, place.line, place.column + start, old, new)
    return Fix((edit,), safe=[each for each in known if slip(old, each)] == [new])


def without_edge(document: Document, name: str, same: str) -> Fix | None:
    """Return the fix that removes an edge which repeats another one of its file, where it has lines of its own."""
    place = document.where(("edges", name))
    text = document.texts.get(place.file, "")
    alone = read(text.encode(errors="replace"), place.file)
    edges = alone.data.get("edges")
    if alone.problems or not isinstance(edges, dict) or name not in edges or edges[name] != edges.get(same):
        return None
    numbered = lines(text)
    last = _last(numbered, place)
    old = "".join(numbered[place.line - 1 : last])
    rest = "".join([*numbered[: place.line - 1], *numbered[last:]])
    after = read(rest.encode(errors="replace"), place.file)
    wanted = {**alone.data, "edges": {each: edge for each, edge in edges.items() if each != name}}
    return None if after.problems or after.data != wanted else Fix((Edit(place.file, place.line, 1, old, ""),))


def _alike(one: str, other: str) -> int:
    """Count the letters with which both begin."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _taken(box: object, old: str, new: str, known: Collection[str]) -> bool:
    """Return whether a mapping or list has what is to be written, or something else that may be a slip of it."""
    if not isinstance(box, dict | list):
        return False
    others = [each for each in box if isinstance(each, str) and each != old]
    return new in others or any(slip(each, new) for each in others if each not in known)


def _column(document: Document, place: Position, value: str) -> Position | None:
    """Return where the text of a scalar begins, behind its anchor and quote; None where it is not written as it is."""
    line = document.line(place)
    before = _BEFORE.match(line, place.column - 1)
    if before is None or not line.startswith(f"{value}{before[1]}", before.end()):
        return None
    return place._replace(column=before.end() + 1)


def _last(numbered: Sequence[str], place: Position) -> int:
    """Return the last line of a block mapping's key and its value, without what is empty or a comment behind them."""
    last = place.line
    for number in range(place.line, len(numbered)):
        content = numbered[number].strip()
        if content and not content.startswith("#"):
            if len(numbered[number]) - len(numbered[number].lstrip()) < place.column:
                break
            last = number + 1
    return last
