"""The modules of ``python:`` nodes, found by path and read as text: nothing is imported, no package is run."""

from __future__ import annotations

import io
import os
import re
import sys
import tokenize
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.machinery import BYTECODE_SUFFIXES, EXTENSION_SUFFIXES
from stat import S_ISREG

from orchestrator.errors import OrchestratorError
from orchestrator.lint.core.facts import Program

MOST_BYTES = 1024 * 1024
"""Largest module that is read."""

_COMPILED = (*EXTENSION_SUFFIXES, *BYTECODE_SUFFIXES)
_MAKES_MODULES = r"\b__path__\b|\bsys\.modules\b"
"""What a package does that has modules where no file of its own is."""

MOST_BESIDE = 1000
"""So many names of other modules are looked at."""


class Hidden(OrchestratorError):
    """There is something, but not to be read: outside of the root, too large, no source, not text."""


@cache
def program(module: str, search: tuple[str, ...], installed: bool, roots: tuple[str, ...]) -> Program | None:
    """Find a dotted module in the folders of ``search``, then among what is installed here; None where it is hidden.

    ``search`` may not lead out of ``roots``, nor any path out of the folder that it is found in.
    """
    if module.partition(".")[0] in sys.builtin_module_names:
        return None
    try:
        for folder in _folders(search, installed, roots):
            found = _within(folder, module.split("."))
            if found is not None:
                return found
    except Hidden:
        return None
    return Program(missing=module.partition(".")[0], beside=_beside(search))


def _folders(search: Sequence[str], installed: bool, roots: tuple[str, ...]) -> Iterator[str]:
    for folder in search:
        real = os.path.realpath(folder)
        if not any(_inside(real, root) for root in roots):
            raise Hidden
        yield real
    if installed:
        here = os.getcwd()
        yield from (os.path.realpath(entry) for entry in sys.path if entry and os.path.isdir(entry) and entry != here)


def _within(folder: str, parts: Sequence[str]) -> Program | None:
    """Find a module below one folder; None where another folder may have it. Raise Hidden."""
    place, regular = folder, True
    for number, part in enumerate(parts[:-1], 1):
        place = os.path.join(place, part)
        init = os.path.join(place, "__init__.py")
        if os.path.isfile(init):
            if re.search(_MAKES_MODULES, _read(init, folder)):
                raise Hidden
        elif any(os.path.exists(place + end) for end in (".py", *_COMPILED)):
            raise Hidden  # a module that is no package, or one without its source
        elif os.path.isdir(place):
            regular = False  # a namespace package (PEP 420) can have parts in several folders
        else:
            return _missing(parts[:number], os.path.dirname(place), regular)
    return _module(os.path.join(place, parts[-1]), folder) or _missing(parts, place, regular)


def _missing(parts: Sequence[str], place: str, regular: bool) -> Program | None:
    """Return what is missing of a package that is there, with an ``__init__.py`` of its own."""
    if len(parts) == 1 or not regular:
        return None
    return Program(missing=".".join(parts), package=True, beside=_names(place))


def _module(path: str, folder: str) -> Program | None:
    """Read a package or a module, whichever Python's own finder would choose."""
    init = os.path.join(path, "__init__.py")
    if os.path.isfile(init):
        return Program(file=init, text=_read(init, folder))
    if any(os.path.exists(path + end) for end in EXTENSION_SUFFIXES):
        raise Hidden
    if os.path.lexists(f"{path}.py"):
        return Program(file=f"{path}.py", text=_read(f"{path}.py", folder))
    if os.path.isdir(path) or any(os.path.exists(path + end) for end in BYTECODE_SUFFIXES):
        raise Hidden
    return None


def _read(file: str, folder: str) -> str:
    """Read a module as Python would, in the encoding that it declares (PEP 263)."""
    real = os.path.realpath(file)
    if not _inside(real, folder):
        raise Hidden
    try:
        about = os.stat(real)
        if not S_ISREG(about.st_mode) or about.st_size > MOST_BYTES:
            raise Hidden
        with open(real, "rb") as stream:
            content = stream.read(MOST_BYTES + 1)
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return content.decode(encoding)
    except (OSError, SyntaxError, ValueError, LookupError):
        raise Hidden from None


def _beside(search: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for folder in search for name in _names(folder)))


def _names(folder: str) -> tuple[str, ...]:
    """Return the modules and packages of a folder."""
    try:
        entries = sorted(os.listdir(folder))[:MOST_BESIDE]
    except OSError:
        return ()
    modules = [name.removesuffix(".py") for name in entries if name.endswith(".py")]
    packages = [name for name in entries if os.path.isfile(os.path.join(folder, name, "__init__.py"))]
    return tuple(sorted({name for name in [*modules, *packages] if name.isidentifier() and name != "__init__"}))


def _inside(path: str, root: str) -> bool:
    return path == root or path.startswith(os.path.join(root, ""))
