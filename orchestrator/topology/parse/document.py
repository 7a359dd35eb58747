"""YAML text -> plain data and the position of every key and value, in one pass over libyaml's events."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from orchestrator.compat import yaml_parser
from orchestrator.errors import OrchestratorError
from orchestrator.topology.diagnostics import other_formats
from orchestrator.topology.diagnostics.diagnostic import Diagnostic
from orchestrator.topology.parse.lines import bare, lines
from orchestrator.topology.parse.position import Path, Position, position
from orchestrator.topology.parse.positions import Positions
from orchestrator.topology.parse.scalars import scalar
from orchestrator.topology.reading import MOST_BYTES

DEEPEST = 100
"""How deep mappings and lists may be nested."""

MOST_DUPLICATES = 100
"""After so many duplicate keys the file is not read any further."""

# Aliases may unfold to so many values, and so many more for each value that is written.
ALIASED, ALIASED_PER_VALUE = 10_000, 10

_WANTED: Any = object()  # the key, while a mapping waits for one
_ITEM: Any = object()  # the key, while a list is read
_NEW: Any = object()


class Fatal(OrchestratorError):
    """The file is not read any further."""

    def __init__(self, code: str, mark: Any, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.code, self.mark, self.message, self.suggestion = code, mark, message, suggestion


class Turned(NamedTuple):
    """A node that is external in some files and a program with others laid over them, or the reverse.

    ``external`` tells what it was below, ``name`` what the mesh was called there (None where nothing is written), and
    ``file`` is the first file of those.
    """

    external: bool
    name: Any
    file: str


@dataclass(slots=True, repr=False)
class Document:
    """What a file holds, or several files, one laid over the other; ``file`` is the first of them.

    ``problems`` are those of the text; ``data`` is what could be read in spite of them, unless it is ``broken``.
    ``variables`` tells whether there can be any ``${``, ``given`` has the names of those that ``--set`` gives.
    ``folders`` has the absolute folder of each file. Documents that are to be one share their ``positions``.
    ``turned`` has the nodes that became external, or a program, when one file was laid over another, ``replaced`` where
    each reference of an edge stood that was in a list which another file replaced, by edge, side and reference;
    ``texts`` are those of the files, without a byte order mark. ``unknown`` are the key paths of values that a
    missing variable makes.
    """

    file: str
    data: dict[str, Any] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)
    broken: bool = False
    variables: bool = False
    given: frozenset[str] = frozenset()
    folders: dict[str, str] = field(default_factory=dict, compare=False)
    positions: Positions = field(default_factory=Positions, compare=False)
    turned: dict[str, Turned] = field(default_factory=dict, compare=False)
    replaced: dict[tuple[str, str, str], Position] = field(default_factory=dict, compare=False)
    texts: dict[str, str] = field(default_factory=dict, compare=False)
    unknown: set[Path] = field(default_factory=set, compare=False)
    _lines: dict[str, list[str]] = field(default_factory=dict, compare=False)

    def where(self, path: Iterable[str | int], *, value: bool = False) -> Position:
        """Return the position of the last key of a path, or of its value; of what comes nearest where it ends early."""
        box: Any = self.data
        mark = None
        step: Any
        for step in path:
            place = self.positions.number(box, step)
            if place is None:
                break
            marks = self.positions[box]
            mark = marks[2 * place + value if isinstance(box, dict) else place]
            box = box[step]
        return position(mark) if mark else Position(self.file, 1, 1)

    def line(self, place: Position) -> str:
        """Return the line of a file that a place is in, without its break; empty where there is none."""
        if place.file not in self._lines:
            self._lines[place.file] = lines(self.texts.get(place.file, ""))
        numbered = self._lines[place.file]
        return bare(numbered[place.line - 1]) if place.line <= len(numbered) else ""

    def before(self, path: Sequence[str | int]) -> list[Position]:
        """Return where the value of a key path, or what holds it, was written before other files were laid over it."""
        box: Any = self.data
        found: list[Position] = []
        step: Any
        for step in path:
            if self.positions.number(box, step) is None:
                break
            found = [position(mark) for mark in self.positions.overridden(box, step)]
            box = box[step]
        return found

    def reached(self, path: Sequence[str | int]) -> tuple[int, Any]:
        """Return how many steps of a path are there, and what stands at the last of them."""
        box: Any = self.data
        step: Any
        for number, step in enumerate(path):
            if self.positions.number(box, step) is None:
                return number, box
            box = box[step]
        return len(path), box

    def at(self, path: Iterable[str | int]) -> Any:
        """Return what is written at a path; where the path ends early in a scalar, that scalar, else None."""
        box: Any = self.data
        step: Any
        for step in path:
            if box.__class__ is not dict and box.__class__ is not list:
                return box
            if self.positions.number(box, step) is None:
                return None
            box = box[step]
        return box


def read(content: bytes, file: str, beside: Document | None = None) -> Document:
    """Read one file, perhaps ``beside`` another one. Never raises: what is wrong is among the document's problems."""
    document = Document(file)
    if beside is not None:
        document.positions, document.texts = beside.positions, beside.texts
    text = _decode(content, document)
    if text is None:
        return document
    document.texts[file] = text
    if (other := other_formats.seen(text)) is not None:
        document.broken = True
        message = f"this looks like {other.what}, and a topology is YAML with the keys name, nodes and edges"
        problem = Diagnostic(file, 1, 1, "", message, "", other.instead, "S006", shown=False)
        document.problems.append(problem)
        return document
    document.variables = "${" in text or "\\" in text  # an escape may be one
    try:
        _parse(text, document)
    except Fatal as error:
        document.broken = True
        _refuse(document, error.code, error.mark, error.message, error.suggestion)
    except yaml.MarkedYAMLError as error:
        document.broken = True
        code, message, hint = _syntax(error, text)
        _refuse(document, code, error.problem_mark or error.context_mark, message, hint, shown=_is_mapping(text))
    except yaml.reader.ReaderError as error:
        document.broken = True
        # libyaml gives the offset in UTF-8
        before = text.encode()[: error.position].decode(errors="ignore")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"a character that YAML forbids ({error.character:#x}): is this a binary file?"
        document.problems.append(Diagnostic(file, line, column, "", message, code="S001", shown=False))
    return document


class _Named(io.BytesIO):
    """A text that knows the name of its file; so does each of its marks then."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text.encode())
        self.name = name


def _decode(content: bytes, document: Document) -> str | None:
    if len(content) > MOST_BYTES:
        document.broken = True
        message = f"the file has {len(content):,} bytes; {MOST_BYTES:,} is the limit"
        document.problems.append(Diagnostic(document.file, 0, 0, "", message, code="S001"))
        return None
    try:
        return content.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as error:
        document.broken = True
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, len(before[before.rfind(b"\n") + 1 :].decode(errors="replace")) + 1
        message = f"not UTF-8 (byte {content[error.start]:#04x}): is this a binary file?"
        expected = "YAML in UTF-8"
        document.problems.append(
            Diagnostic(document.file, line, column, "", message, expected, code="S001", shown=False)
        )
        return None


def _parse(text: str, document: Document) -> None:
    """Build data and positions. This loop runs for every event of large files: it calls as little as it can."""
    parser = yaml_parser(_Named(text, document.file))
    tagged, anchored, merging = "!" in text, "&" in text, "<<" in text
    boxes: list[Any] = []
    placed: list[list[Any]] = []
    scalars: dict[str, Any] = {}
    anchors: dict[str, tuple[Any, int]] = {}
    stack: list[tuple[Any, Any, list[Any], str | None, int]] = []
    box: Any = []  # the documents of the file
    marks: list[Any] = []
    key: Any = _ITEM
    count = aliased = 0
    event: Any
    for event in iter(parser.get_event, None):
        if anchored:
            count += 1
        kind = event.__class__
        if kind is ScalarEvent:
            value: Any = event.value
            marks.append(event.start_mark)
            if tagged and event.tag is not None:
                _tag(document, event)
            if key is _WANTED:
                key = value
                if key in box:
                    _duplicate(document, box, marks, key)
                if anchored and event.anchor is not None:
                    anchors[event.anchor] = (value, 1)
                continue
            if not event.style:  # plain
                known = scalars.get(value, _NEW)
                if known is _NEW:
                    known = scalars[value] = scalar(value)
                value = known
            if anchored and event.anchor is not None:
                anchors[event.anchor] = (value, 1)
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            if key is _WANTED:
                if _slip(text, event):
                    raise Fatal("S009", event.start_mark, _UNQUOTED, _QUOTE)
                raise Fatal("S005", event.start_mark, "a key must be text")
            if len(stack) > DEEPEST:
                raise Fatal("S003", event.start_mark, f"nested more than {DEEPEST} deep")
            if event.tag is not None:
                _tag(document, event)
            marks.append(event.start_mark)
            stack.append((box, key, marks, event.anchor, count + aliased))
            marks = []
            box, key = ({}, _WANTED) if kind is MappingStartEvent else ([], _ITEM)
            continue
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            value = box
            if merging and kind is MappingEndEvent and "<<" in value:
                document.positions.update(boxes, placed)
                value, marks = _merged(document, value, marks)
                boxes, placed = [], []
            boxes.append(value)
            placed.append(marks)
            box, key, marks, anchor, start = stack.pop()
            if anchor is not None:
                anchors[anchor] = (value, count + aliased - start)
        elif kind is AliasEvent:
            if event.anchor not in anchors:
                name = event.anchor[:70]
                raise Fatal("S002", event.start_mark, f"*{name} has no finished &{name} before it")
            value, size = anchors[event.anchor]
            aliased += size
            if aliased > ALIASED + ALIASED_PER_VALUE * count:
                raise Fatal("S003", event.start_mark, f"aliases unfold to more than {aliased:,} values")
            marks.append(event.start_mark)
            if key is _WANTED:
                if not isinstance(value, str):
                    raise Fatal("S005", event.start_mark, "a key must be text")
                key = str(value)
                if key in box:
                    _duplicate(document, box, marks, key)
                continue
        elif kind is DocumentStartEvent:
            if box:
                raise Fatal("S005", event.start_mark, "a second document; a topology is one", "remove the `---`")
            continue
        else:
            continue
        if key is _ITEM:
            box.append(value)
        else:
            box[key] = value
            key = _WANTED
    document.positions.update(boxes, placed)
    _top(document, box)


def _top(document: Document, documents: list[Any]) -> None:
    if documents and documents[0].__class__ is dict:
        document.data = documents[0]
    elif documents and documents[0] is not None:
        document.broken = True
        expected = "a mapping with the keys name, nodes and edges"
        problem = Diagnostic(document.file, 1, 1, "", "not a topology", expected, code="S006", shown=False)
        document.problems.append(problem)


def _merged(document: Document, box: dict[str, Any], marks: list[Any]) -> tuple[dict[str, Any], list[Any]]:
    """Carry out ``<<`` (yaml.org/type/merge.html): own keys win, then those of the earlier mapping."""
    own = dict(zip(box, zip(marks[::2], marks[1::2], strict=True), strict=True))
    (_, mark), sources = own.pop("<<"), box["<<"]
    found: dict[str, tuple[Any, Any, Any]] = {key: (box[key], *pair) for key, pair in own.items()}
    for source in sources if isinstance(sources, list) else [sources]:
        if not isinstance(source, dict):
            _refuse(document, "S005", mark, "<< takes a mapping or a list of mappings")
            continue
        theirs = document.positions[source]
        for number, (key, value) in enumerate(source.items()):
            found.setdefault(key, (value, theirs[2 * number], theirs[2 * number + 1]))
    return {key: item[0] for key, item in found.items()}, [mark for item in found.values() for mark in item[1:]]


def _duplicate(document: Document, box: dict[str, Any], marks: list[Any], key: str) -> None:
    """Report a key that stands twice, and forget the first, so that marks and keys stay side by side."""
    place = 2 * list(box).index(key)
    first = marks[place]
    _refuse(document, "S004", marks[-1], f"the key {key[:70]!r} stands twice", f"the first is in line {first.line + 1}")
    del box[key], marks[place : place + 2]
    if len(document.problems) >= MOST_DUPLICATES:
        raise Fatal("S004", marks[-1], f"{MOST_DUPLICATES} such problems; the rest of the file was not read")


def _tag(document: Document, event: Any) -> None:
    bare = event.tag == "!" and event.__class__ is ScalarEvent and not event.value
    hint = f'write "!{event.value}" in quotes' if bare else "remove it"
    _refuse(document, "S005", event.start_mark, f"a topology has no tags, such as {event.tag[:70]}", hint)


def _refuse(
    document: Document, code: str, mark: Any, message: str, suggestion: str = "", *, shown: bool = True
) -> None:
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    problem = Diagnostic(document.file, line, column, "", message, "", suggestion, code, shown=shown)
    document.problems.append(problem)


_UNQUOTED = "a variable without quotes inside { } or [ ], where YAML takes its braces for a mapping"
_QUOTE = 'write it in quotes: "${...}"'


def _slip(text: str, event: Any) -> bool:
    """Return whether a flow mapping starts behind a ``$``: a variable without quotes."""
    return _before(text.splitlines(), event.start_mark).endswith("$")


def _is_mapping(text: str) -> bool:
    """Return whether a text that is not YAML begins as a mapping; else it may be anything, and is not shown."""
    parser = yaml_parser(text)
    try:
        first = [parser.get_event() for _ in range(3)][2]  # behind the starts of the stream and the document
    except yaml.YAMLError:
        return False
    return isinstance(first, MappingStartEvent)


def _syntax(error: yaml.MarkedYAMLError, text: str) -> tuple[str, str, str]:
    """Return code, message and suggestion for libyaml's complaint, without quoting the file."""
    mark = error.problem_mark or error.context_mark
    problem = str(error.problem or "this is not YAML")
    context = f" ({error.context} from line {error.context_mark.line + 1})" if error.context_mark else ""
    lines = text.split("\n")
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    before = _before(lines, mark)
    if line[len(before) : len(before) + 1] == "\t" or "\t" in before[: len(before) - len(before.lstrip())]:
        return "S002", "a tab stands where YAML wants spaces", "indent with spaces"
    start = before.rfind("${")
    if ("{" in before[:start] and start >= 0) or before.endswith("$"):
        return "S009", _UNQUOTED, _QUOTE
    return "S002", f"not YAML: {problem}{context}", ""


def _before(lines: Sequence[str], mark: Any) -> str:
    """Return the part of its line that stands before a mark."""
    return lines[mark.line][: mark.column] if mark and mark.line < len(lines) else ""
