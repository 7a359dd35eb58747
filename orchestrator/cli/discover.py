"""Which files paths mean: files themselves, globs, and the topologies in folders."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence

from orchestrator.cli.mistake import Mistake
from orchestrator.cli.target import STDIN

WHOLE = ("topology.yaml", "topology.yml")
ENDS = (".topology.yaml", ".topology.yml")

SKIPPED = frozenset(
    {"__pycache__", "__pypackages__", "node_modules", "site-packages", "venv", "build", "dist", "_build"}
)
"""Folders that hold copies and the work of others; so do hidden ones, and virtual environments of any name."""


def files(paths: Sequence[str]) -> list[str]:
    """Give the files that are meant, each once. Raise Mistake for what is not there or cannot be read.

    In folders these are ``topology.yaml`` and ``*.topology.yaml``, however deep; a file that is named is always taken.
    """
    found: dict[str, str] = {}
    for path in paths:
        for file in _meant(path):
            found.setdefault(file if file == STDIN else os.path.realpath(file), file)
    for file in found.values():
        _open(file)
    return list(found.values())


def is_topology(name: str) -> bool:
    """Tell whether a file's name says that it is a whole topology, not a part that others include."""
    return name in WHOLE or name.endswith(ENDS)


def _meant(path: str) -> Iterator[str]:
    if path == STDIN or os.path.isfile(path):
        yield path
    elif os.path.isdir(path):
        yield from _inside(path)
    elif os.path.lexists(path) or not glob.has_magic(path):
        yield path  # opening it tells what is wrong
    else:
        matches = sorted(glob.glob(path, recursive=True))
        if not matches:
            raise Mistake(f"{path}: no file fits")
        for match in matches:
            yield from _inside(match) if os.path.isdir(match) else (match,)


def _inside(folder: str) -> Iterator[str]:
    """Give the topologies of a folder in order, without what a link leads to outside of it."""
    root = os.path.realpath(folder)

    def refuse(error: OSError) -> None:
        raise Mistake(f"{error.filename}: cannot be read: {error.strerror}")

    for here, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not _skipped(here, name))
        for name in sorted(filter(is_topology, names)):
            file = os.path.normpath(os.path.join(here, name))
            if os.path.isfile(file) and os.path.realpath(file).startswith(os.path.join(root, "")):
                yield file


def _skipped(folder: str, name: str) -> bool:
    return name.startswith(".") or name in SKIPPED or os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))


def _open(file: str) -> None:
    if file == STDIN or (os.path.exists(file) and not os.path.isfile(file)):  # a pipe can be opened once
        return
    try:
        open(file, "rb").close()
    except OSError as error:
        raise Mistake(f"{file}: cannot be read: {error.strerror}") from None
