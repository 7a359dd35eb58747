"""Source lines without what may be secret: what stands under env, args, stdin and vars, and under x- keys, whose
anchors others use.

This reads characters, not YAML, since files with mistakes are shown too; in doubt it hides too much.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from operator import itemgetter

STARS = "***"

_NAMES = r"(?:env|args|stdin|vars|x-[\w-]+)"
# Each branch begins with a letter or a quote and looks back behind it, so that re passes over all other text at once.
_FREE = r"(?<![^\s,{{\[]{})"  # what was just read follows a space, a comma, an opening bracket, or nothing
_SECRET = re.compile(
    "|".join(
        [
            *(name + _FREE.format(name) + r"[ \t]*:(?=\s|\Z)" for name in ("env", "args", "stdin", "vars")),
            "x-" + _FREE.format("x-") + r"[\w-]+[ \t]*:(?=\s|\Z)",
            *(quote + _FREE.format(quote) + _NAMES + quote + r"\s*:" for quote in "\"'"),
        ]
    )
)
_NOTHING = re.compile(r"(?:[ \t]+(?:[&!]\S*)?|(?<=\s)#[^\n\r]*|[\n\r]+)*")
_FIRST = re.compile(r"[ \t]*(?:[-?][ \t]+)*\Z")
_KEY = re.compile(r"""[ \t]*(?:-[ \t]+)*(?:[\w.-]+|"[\w.-]+"|'[\w.-]+')[ \t]*:(?=\s|\Z)[ \t]*""")
_ITEM = re.compile(r"[ \t]*(?:-[ \t]+)*")
_VISIBLE = re.compile(r"\S(?:[^\n\r]*\S)?")
_LINE = re.compile(r"[^\n\r]*(?:\r\n|[\n\r]|\Z)")
_PLAIN_IN_FLOW = re.compile(r"[^,\[\]{}]*")
_TOKEN = re.compile(
    r"""\s+|(?<=\s)\#[^\n\r]*|"(?:[^"\\]|\\.)*(?:"|\\?\Z)|'(?:[^']|'')*(?:'|\Z)|[\[\]{},:]
    |(?:[^,\[\]{}:\#]|:(?![\s,\[\]{}])|(?<!\s)\#)+""",
    re.DOTALL | re.VERBOSE,
)
"""What flow style is made of: space, comments, scalars in quotes, indicators, plain scalars (YAML 1.2, chapter 7)."""

_SIMPLE = re.compile(r"""[\[{][^\[\]{}"'#]*[\]}]""")
"""A mapping or list in which nothing can hide an end: most are so, and this takes them at one blow."""

_OPENING = ("{", "[", '"', "'")

Span = tuple[int, int]


def secrets(text: str, end: int | None = None) -> list[Span]:
    """Give the parts of a text that may be secret, those that begin before ``end``: start and end of each, in order."""
    found: list[Span] = []
    closed = 0
    for key in _SECRET.finditer(text):
        if end is not None and key.start() >= end:
            break
        if key.start() >= closed:
            simple = _SIMPLE.match(text, key.end() + 1) if text.startswith(" ", key.end()) else None
            spans = [simple.span()] if simple else list(_value(text, key))
            found += spans
            if spans and text[spans[0][0] : spans[0][0] + 1] in _OPENING:
                closed = spans[0][1]  # what is inside of it is hidden already; lines may end where this cannot tell
    return _merged(sorted(found))


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged


def hidden(text: str) -> str:
    """Give a text with stars for what may be secret; every line break stays."""
    pieces, done = [], 0
    for start, end in secrets(text):
        pieces += [text[done:start], _VISIBLE.sub(STARS, text[start:end])]
        done = end
    return "".join([*pieces, text[done:]])


def masked(text: str, spans: list[Span], start: int, end: int, column: int) -> tuple[str, int]:
    """Give the line from ``start`` to ``end`` with stars for what is secret, and where its ``column`` (from 0) went."""
    pieces: list[str] = []
    done, moved = start, column
    for number in range(bisect_left(spans, start, key=itemgetter(1)), len(spans)):
        one, other = spans[number]
        if one >= end:
            break
        first, last = max(one, start), min(other, end)
        if not text[first:last].strip():
            continue
        pieces += [text[done:first], STARS]
        if start + column >= first:
            moved += len(STARS) - (last - first) if start + column >= last else first - start - column
        done = last
    return "".join([*pieces, text[done:end]]), moved


def _value(text: str, key: re.Match[str]) -> Iterator[Span]:
    """Give what belongs to a key."""
    line = max(text.rfind("\n", 0, key.start()), text.rfind("\r", 0, key.start())) + 1
    before = text[line : key.start()]
    flow = not _FIRST.match(before)
    nothing = _NOTHING.match(text, key.end())
    start = nothing.end() if nothing else key.end()
    if text[start : start + 1] in _OPENING:
        yield start, _closed(text, start)
    elif flow:
        plain = _PLAIN_IN_FLOW.match(text, start)
        yield start, plain.end() if plain else start
    elif re.search(r"[\n\r]", text[key.end() : start]):
        yield from _block(text, key.end(), len(before))
    else:
        yield start, _deeper(text, start, len(before))


def _closed(text: str, start: int) -> int:
    """Find the end of a quoted scalar, a flow mapping or a flow list; that of the text where it has none."""
    if simple := _SIMPLE.match(text, start):
        return simple.end()
    depth, place = 0, start
    while token := _TOKEN.match(text, place):
        place = token.end()
        if token[0] in ("{", "["):
            depth += 1
        elif token[0] in ("}", "]"):
            depth -= 1
        if depth == 0:
            return place
    return len(text)


def _block(text: str, start: int, depth: int) -> Iterator[Span]:
    """Give the values of the block that starts in the line after ``start``; what its keys are may be seen."""
    place = _next(text, start)
    while place < len(text):
        end = _next(text, place)
        content = end - len(text[place:end].lstrip())
        comment = text.startswith("#", content)
        if content < end and not comment:
            item = text[content : content + 2].strip() == "-"
            if content - place < depth + (not item):
                return
        head = _KEY.match(text, place) or _ITEM.match(text, place)
        begin = content if comment or head is None else head.end()
        if text[begin : begin + 1] in _OPENING:
            end = _next(text, _closed(text, begin) - 1)
        elif not comment and text[begin:end].strip() and text[begin] != "#":
            end = _deeper(text, begin, content - place)
        yield begin, end
        place = end


def _deeper(text: str, start: int, depth: int) -> int:
    """Find the end of a scalar without quotes: of the line and of all that follow and are indented more."""
    place = _next(text, start)
    while place < len(text):
        end = _next(text, place)
        line = text[place:end]
        if line.strip() and len(line) - len(line.lstrip()) <= depth:
            break
        place = end
    return place


def _next(text: str, place: int) -> int:
    """Find the start of the next line, or the end of the text."""
    line = _LINE.match(text, place)
    return line.end() if line else len(text)
