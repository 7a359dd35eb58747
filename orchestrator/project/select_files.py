"""Which files a verb means, and how the mesh that they make is called."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from orchestrator.project.errors import UsageError
from orchestrator.project.selection import Selection
from orchestrator.topology.names import NAME, mesh_name
from orchestrator.topology.reading import STDIN

DEFAULT = "topology.yaml"
_WRITTEN = rf"(?m)^name:[ \t]*([\"']?)({NAME})\1[ \t]*(?:#.*)?$"
_UNCLEAR = r"(?m)^(?:name|include|[\"'{<])"


def is_file(text: str) -> bool:
    """Return whether an argument means a file: it ends in .yaml or .yml, holds a / or is -."""
    return text.endswith((".yaml", ".yml")) or "/" in text or text == STDIN


def split(arguments: Sequence[str] | None) -> tuple[str | None, list[str]]:
    """Part what means a file from the other arguments. Raise UsageError where two do."""
    files = [each for each in arguments or () if is_file(each)]
    if len(files) > 1:
        raise UsageError(f"{files[1]}: a second file; to lay it over the first, write -f {files[0]} -f {files[1]}")
    return (files[0] if files else None), [each for each in arguments or () if not is_file(each)]


def only_files(arguments: Sequence[str] | None, options: Sequence[str] | None = None) -> list[str]:
    """Return the files of a verb that takes nothing else, as ``files`` does. Raise UsageError where one is none."""
    positional, others = split(arguments)
    if others:
        raise UsageError(f"{others[0]} is no file: it ends in .yaml or .yml, or holds a /")
    return files(positional, options)


def find_file(positional: str | None) -> str | None:
    """Find the topology: an argument, ORCHESTRATOR_FILE, topology.yaml here or above; None where there is none."""
    if positional:
        return positional
    if from_environment := os.environ.get("ORCHESTRATOR_FILE"):
        return from_environment
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / DEFAULT).is_file():
            return os.path.relpath(folder / DEFAULT, here)
    return None


def files(positional: str | None, options: Sequence[str] | None = None) -> list[str]:
    """Return the files of ``-f``, each laid over those before it, else the one of ``find_file``. Raise UsageError."""
    if positional and options:
        overlay = " ".join(f"-f {each}" for each in (positional, *options))
        raise UsageError(f"{positional}: files are named by -f, or one without it; for overlays write {overlay}")
    if options:
        if options.count(STDIN) > 1:
            raise UsageError("-f - stands twice; standard input can be read once")
        return list(options)
    found = find_file(positional)
    if found is None:
        raise UsageError(f"no {DEFAULT} here or in a folder above; name a file, or set ORCHESTRATOR_FILE")
    return [found]


def sets(pairs: Iterable[str] | None) -> dict[str, str]:
    """Read the X=V of ``--set``. Raise UsageError."""
    found: dict[str, str] = {}
    for pair in pairs or ():
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"--set {pair}: expected NAME=VALUE")
        found[name] = value
    return found


def checked(name: str) -> str:
    """Return a name that a mesh can have. Raise UsageError for another one."""
    if not re.fullmatch(NAME, name):
        raise UsageError(f"{name!r} is no name of a mesh")
    return name


def name_of(path: str) -> str:
    """Find the mesh's name without the whole load where the file makes it plain: it may be half edited just now."""
    from orchestrator.topology import reading

    if path != STDIN:
        try:
            text = reading.content(path).decode("utf-8-sig", errors="replace")
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}") from None
        if written := re.search(_WRITTEN, text):
            return written.group(2)
        if not re.search(_UNCLEAR, text):
            return default_name(path)
    from orchestrator.project.accepted import topology

    return topology(Selection((path,))).name


def default_name(path: str) -> str:
    """Return the name that a file without ``name:`` gives its mesh. Raise UsageError where it is none."""
    return checked(mesh_name(path))
