"""Source lines without what may be secret: the values under env, args, stdin and vars, and under x- keys, whose anchors
others use. Keys are shown.

This reads characters, not YAML, since files with mistakes are shown too; in doubt it hides too much.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
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
_COLON = re.compile(r"[ \t]*:(?=\s|\Z)")
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
_CLOSING = {"{": "}", "[": "]"}
_NAME = re.compile(r"""[\w.-]+|"[\w.-]+"|'[\w.-]+'""")
"""A key that is shown; whatever looks otherwise may be anything."""

Span = tuple[int, int]


def secrets(text: str, end: int | None = None) -> list[Span]:
    """Return where what may be secret starts and ends in a text, in order; of that which begins before ``end``."""
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
    return [inner for start, end in _merged(sorted(found)) for inner in _inside(text, start, end)]


def _inside(text: str, start: int, end: int) -> Iterable[Span]:
    """Return the values of a flow mapping or list and what stands behind it; all, where it is none that is plain."""
    values = _Flow(text, start).values() if text[start] in _CLOSING else None
    if values is None:
        return [(start, end)]
    spans, closed = values
    return [*spans, (closed, end)] if text[closed:end].strip() else spans


class _Flow:
    """A mapping or list in flow style, read strictly: in doubt it is nothing that its keys could be shown of."""

    def __init__(self, text: str, start: int) -> None:
        self._text, self._place = text, start
        self._values: list[Span] = []

    def values(self) -> tuple[list[Span], int] | None:
        """Return where its values are, comments too, and where it ends; None in doubt."""
        open_: list[str] = []
        scalar: Span | None = None  # what was read last, and may be a key yet
        done = False  # a value is complete: a comma or an end has to follow
        valued = False  # behind a colon
        while token := self._next():
            kind = token[0]
            if kind in _CLOSING:
                if scalar or done or (open_ and open_[-1] == "{" and not valued):
                    return None
                open_.append(kind)
                valued = False
            elif kind == ":":
                if scalar is None or valued or open_[-1] == "[":
                    return None
                if not _NAME.fullmatch(self._text, *scalar):
                    self._values.append(scalar)
                scalar, valued = None, True
            elif kind in (",", "}", "]"):
                if scalar:
                    self._values.append(scalar)
                scalar, done, valued = None, False, False
                if kind != ",":
                    if _CLOSING[open_.pop()] != kind:
                        return None
                    if not open_:
                        return sorted(self._values), self._place
                    done = True
            elif scalar or done:
                return None
            else:
                scalar = token[1]
        return None

    def _next(self) -> tuple[str, Span] | None:
        """Return the next indicator, or a scalar by its first character, and where it is; None at the end."""
        while token := _TOKEN.match(self._text, self._place):
            self._place = token.end()
            said = token[0].strip()
            span = (token.start(), token.start() + len(token[0].rstrip()))
            if said.startswith("#") and token[0][0] == "#":
                self._values.append(span)
            elif said in ("{", "}", "[", "]", ",", ":"):
                return said, span
            elif said:
                return "scalar", span
        return None


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged


def hidden(text: str) -> str:
    """Return a text with stars for what may be secret; every line break stays."""
    pieces, done = [], 0
    for start, end in secrets(text):
        pieces += [text[done:start], _VISIBLE.sub(STARS, text[start:end])]
        done = end
    return "".join([*pieces, text[done:]])


def masked(text: str, spans: list[Span], start: int, end: int, column: int) -> tuple[str, int]:
    """Return the line from ``start`` to ``end`` with stars for secrets, and where its ``column`` (from 0) went."""
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
    """Yield what belongs to a key."""
    line = max(text.rfind("\n", 0, key.start()), text.rfind("\r", 0, key.start())) + 1
    before = text[line : key.start()]
    flow = not _FIRST.match(before)
    nothing = _NOTHING.match(text, key.end())
    start = nothing.end() if nothing else key.end()
    below = not flow and re.search(r"[\n\r]", text[key.end() : start])
    if text[start : start + 1] in _OPENING:
        closed = _closed(text, start)
        if not below or not _COLON.match(text, closed):
            yield start, closed
        if below:  # the first key may be in quotes, and quotes may not match
            yield from _block(text, key.end(), len(before))
    elif flow:
        plain = _PLAIN_IN_FLOW.match(text, start)
        yield start, plain.end() if plain else start
    elif below:
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
    """Yield the values of the block that starts in the line after ``start``; what its keys are may be seen."""
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
        if not comment and text[begin:end].strip() and text[begin] != "#":
            last = _closed(text, begin) - 1 if text[begin] in _OPENING else begin
            # What goes on in the next lines is indented more than the key, or than the dash where there is none.
            dashes = before[0] if (before := _ITEM.match(text, place)) else ""
            keyed = head is not None and ":" in head[0]
            end = _deeper(text, last, len(dashes) if keyed else max(content - place, dashes.rfind("-")))
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
