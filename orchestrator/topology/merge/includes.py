"""Files -> one document: each with what it includes, each laid over those before it.

Nothing is read but the files that are named. What a file includes lies in the folder of the first file, or in ``root``,
with symbolic links followed, so that a topology of somebody else's cannot make its reader open any other file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce

from orchestrator.topology import reading
from orchestrator.topology.collector import written
from orchestrator.topology.diagnostics.diagnostic import Diagnostic
from orchestrator.topology.merge.overlay import add, merge
from orchestrator.topology.parse.document import Document, read
from orchestrator.topology.parse.position import Path as KeyPath
from orchestrator.topology.reading import STDIN

MOST_FILES = 1_000
"""So many files may be included."""

DEEPEST = 50
"""So many files may include one another in a chain."""


def compose(
    files: Sequence[str], stdin: str | bytes, root: str | None, instead: Mapping[str, bytes] | None = None
) -> Document:
    """Return the files as one document. Never raises: what is wrong is among its problems.

    ``instead`` has contents that count in place of those of files, by their real path.
    """
    tree = _Tree(files[0], stdin, root, instead or {})
    document = reduce(merge, [tree.given(file) for file in files])
    if not document.data and not document.broken:
        expected = "a mapping with the keys name, nodes and edges"
        document.problems.append(Diagnostic(document.file, 1, 1, "", "the file is empty", expected, code="S006"))
        document.broken = True
    return document


class _Tree:
    """Reads files, each once, and what they include."""

    def __init__(self, first: str, stdin: str | bytes, root: str | None, instead: Mapping[str, bytes]) -> None:
        self._stdin, self._instead = stdin, instead
        self._root = os.path.realpath(root) if root else _folder(first)
        self._given = root is not None
        self._named = root or (os.path.dirname(first) if first != STDIN else "") or "."
        self._all = Document("")
        self._done: dict[str, Document] = {}

    def given(self, file: str) -> Document:
        """Return a file that the user named, with all that it includes."""
        try:
            content = self._content(file)
        except (OSError, ValueError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or str(error)
            problem = Diagnostic(file, 0, 0, "", f"cannot be read: {why}", "a YAML file", code="S001")
            return replace(self._all, file=file, problems=[problem], broken=True)
        identity = file if file == STDIN else os.path.realpath(file)
        return self._whole(self._document(content, file, _folder(file)), [(identity, file)])

    def _document(self, content: bytes, file: str, folder: str) -> Document:
        document = read(content, file, self._all)
        document.folders[file] = folder
        return document

    def _content(self, file: str) -> bytes:
        if file != STDIN:
            return self._read(file)
        return self._stdin.encode(errors="surrogateescape") if isinstance(self._stdin, str) else self._stdin

    def _read(self, file: str) -> bytes:
        """Read a file. Raise OSError, and ValueError for a name that none can have."""
        other = self._instead.get(os.path.realpath(file)) if self._instead else None
        return reading.content(file) if other is None else other

    def _whole(self, document: Document, chain: list[tuple[str, str]]) -> Document:
        """Lay a document over what it includes."""
        if document.data.get("include") is None:
            return document
        included = [self._included(document, *each, chain) for each in _paths(document)]
        if not included:
            return document
        whole = merge(reduce(lambda one, other: add(one, other, document.data), included), document)
        whole.file = document.file
        return whole

    def _included(self, document: Document, number: int | None, path: str, chain: list[tuple[str, str]]) -> Document:
        name = os.path.join(os.path.dirname(document.file) if document.file != STDIN else "", path)
        real = os.path.realpath(name)
        plain = os.path.normpath(name)
        if plain == name or os.path.realpath(plain) == real:  # else a link stands before a ..
            name = plain
        if known := self._done.get(real):
            return known
        loop = [known for known, _ in chain]
        if real in loop:
            names = " -> ".join([*(name for _, name in chain[loop.index(real) :]), name])
            return _refused(document, number, f"a loop of includes: {names}", hint="remove one of them")
        if os.path.commonpath([real, self._root]) != self._root:
            what = "the root" if self._given else "the folder of the first file"
            hint = "--root DIR names the folder that files may be included from"
            return _refused(document, number, f"{name} lies outside {self._named}, {what}", hint=hint)
        if len(self._done) >= MOST_FILES or len(chain) > DEEPEST:
            return _refused(document, number, f"more than {MOST_FILES} files, or {DEEPEST} in a chain, are included")
        try:
            content = self._read(real)
        except (OSError, ValueError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or str(error)
            hint = f"paths begin at the folder of {document.file}" if not os.path.isabs(path) else ""
            return _refused(document, number, f"{name} cannot be read: {why}", hint=hint)
        included = self._document(content, name, os.path.dirname(real))
        if included.broken:  # it may be anything
            included.problems = [problem._replace(shown=False) for problem in included.problems]
        self._done[real] = whole = self._whole(included, [*chain, (real, name)])
        return whole


def _folder(file: str) -> str:
    """Return the absolute folder of a file; relative to it are the paths in it."""
    return os.getcwd() if file == STDIN or "\0" in file else os.path.dirname(os.path.realpath(file))


def _paths(document: Document) -> list[tuple[int | None, str]]:
    """Return what a document includes: the number in its list, None where one path stands for a list, and the path."""
    include = document.data["include"]
    listed = isinstance(include, list)
    found: list[tuple[int | None, str]] = []
    for number, path in enumerate(include if listed else [include]):
        place = number if listed else None
        if not isinstance(path, str) or not path or "\0" in path:
            document.problems += _refused(document, place, "no path", "a path, or a list of them").problems
        elif "${" in path:
            message = "there are no variables in include: what is read must be plain from the file"
            document.problems += _refused(document, place, message).problems
        else:
            found.append((place, str(path)))
    document.broken = document.broken or len(found) < (len(include) if listed else 1)
    return found


def _refused(document: Document, number: int | None, message: str, expected: str = "", hint: str = "") -> Document:
    """Return an empty document in place of one that cannot be included."""
    path: KeyPath = ("include",) if number is None else ("include", number)
    problem = Diagnostic(*document.where(path, value=True), written(path), message, expected, hint, "S007")
    return replace(document, data={}, problems=[problem], broken=True, folders={})
