"""Which files paths mean: files themselves, globs, and the topologies in folders."""

from __future__ import annotations

import fnmatch
import glob
import os
from collections.abc import Iterator, Sequence

from orchestrator.project.errors import UsageError
from orchestrator.topology import reading
from orchestrator.topology.reading import STDIN

WHOLE = ("topology.yaml", "topology.yml")
ENDS = (".topology.yaml", ".topology.yml")

SKIPPED = frozenset(
    {"__pycache__", "__pypackages__", "node_modules", "site-packages", "venv", "build", "dist", "_build"}
)
"""Folders that hold copies and the work of others; so do hidden ones, and virtual environments of any name."""


def files(paths: Sequence[str], within: str = "") -> list[str]:
    """Return the files that are meant, each once. Raise UsageError for what is not there or cannot be read.

    In folders these are ``topology.yaml`` and ``*.topology.yaml``, however deep; a file that is named is always taken.
    What lies outside of the folder ``within`` is none of them, where links lead there.
    """
    found: dict[str, str] = {}
    for path in paths:
        for file in _meant(path):
            real = file if file == STDIN else os.path.realpath(file)
            if not within or is_below(real, within):
                found.setdefault(real, file)
            elif file == path:
                raise UsageError(f"{file}: a link to {real}, outside of {within}")
    for file in found.values():
        readable(file)
    return list(found.values())


def is_below(path: str, folder: str) -> bool:
    """Return whether a path lies in a folder, both real."""
    return path == folder or path.startswith(os.path.join(folder, ""))


def is_topology(name: str) -> bool:
    """Return whether a file's name says that it is a whole topology, not a part that others include."""
    return name in WHOLE or name.endswith(ENDS)


def _meant(path: str) -> Iterator[str]:
    if path == STDIN or os.path.isfile(path):
        yield path
    elif os.path.isdir(path):
        yield from _inside(path)
    elif os.path.lexists(path) or not glob.has_magic(path):
        yield path  # opening it tells what is wrong
    else:
        matches = sorted(set(_matches("", path.split(os.sep))))
        if not matches:
            raise UsageError(f"{path}: no file fits")
        for match in matches:
            yield from _inside(match) if os.path.isdir(match) else (match,)


def _matches(base: str, parts: Sequence[str]) -> Iterator[str]:
    """Yield what a pattern means below a folder. ``**`` follows no links, which may lead anywhere and in circles."""
    if not parts:
        yield base
        return
    part, *rest = parts
    if part == "**":
        for here, folders, _ in os.walk(base or os.curdir):
            folders[:] = [name for name in folders if not name.startswith(".")]
            yield from _matches(here if base else os.path.relpath(here).removeprefix(os.curdir), rest or ["*"])
    elif not part:  # the root, or a doubled separator
        yield from _matches(base or os.sep, rest)
    elif glob.has_magic(part):
        for name in fnmatch.filter(_entries(base), part):
            if part.startswith(".") or not name.startswith("."):
                yield from _matches(os.path.join(base, name), rest)
    elif os.path.lexists(os.path.join(base, part)):
        yield from _matches(os.path.join(base, part), rest)


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder or os.curdir)
    except OSError:
        return []


def _inside(folder: str) -> Iterator[str]:
    """Yield the topologies of a folder in order, without what a link leads to outside of it."""
    root = os.path.realpath(folder)

    def refuse(error: OSError) -> None:
        raise UsageError(f"{error.filename}: cannot be read: {error.strerror}")

    for here, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not _skipped(here, name))
        for name in sorted(filter(is_topology, names)):
            file = os.path.normpath(os.path.join(here, name))
            if os.path.isfile(file) and os.path.realpath(file).startswith(os.path.join(root, "")):
                yield file


def _skipped(folder: str, name: str) -> bool:
    return name.startswith(".") or name in SKIPPED or os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))


def readable(file: str) -> None:
    """Raise UsageError for a file that cannot be read, or is not to be: no regular one, or too large."""
    if file == STDIN:
        return
    try:
        reading.check(file)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        hint = "; - is standard input" if "a pipe" in why else ""
        raise UsageError(f"{file}: cannot be read: {why}{hint}") from None
