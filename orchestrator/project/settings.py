"""What a project says of ``validate`` in its pyproject.toml, under ``[tool.orchestrator]``."""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import Any, NamedTuple

from orchestrator.project.discovery import is_below
from orchestrator.project.errors import UsageError
from orchestrator.topology import reading

NAME = "pyproject.toml"
MOST_BYTES = 1024 * 1024
"""Largest pyproject.toml."""

_KEYS = {"paths": list, "select": list, "ignore": list, "strict": bool, "baseline": str}


class Settings(NamedTuple):
    """The settings; ``file`` is where they stand, empty where there are none.

    ``paths`` and ``baseline`` are as seen from here. ``root`` is the real folder of the file: whoever wrote the
    settings says nothing of what lies outside of it.
    """

    file: str = ""
    paths: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strict: bool = False
    root: str = ""
    baseline: str = ""


def find_settings() -> Settings:
    """Read the nearest pyproject.toml, here or above, that has the table. Raise UsageError where it is wrong."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        try:
            content = reading.content(folder / NAME, MOST_BYTES)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise UsageError(f"{os.path.relpath(folder / NAME)}: cannot be read: {error.strerror}") from None
        found = _read(content, os.path.relpath(folder / NAME))
        if found is not None:
            return found
    return Settings()


def _read(content: bytes, file: str) -> Settings | None:
    """Read one file; None where it has no such table."""
    if b"orchestrator" not in content:  # the tables of others are none of our business
        return None
    import tomllib

    try:
        tables = tomllib.loads(content.decode()).get("tool", {})
    except ValueError as error:
        raise UsageError(f"{file}: not TOML: {error}") from None
    table = tables.get("orchestrator") if isinstance(tables, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise UsageError(f"{file}: tool.orchestrator: expected a table")
    for key, value in table.items():
        _check(file, key, value)
    folder = os.path.dirname(file)
    root = os.path.realpath(folder)
    baseline = table.get("baseline", "")
    for key, paths in (("paths", table.get("paths", ())), ("baseline", [baseline] if baseline else [])):
        for path in paths:
            _judge(file, key, path, root)
    return Settings(
        file,
        tuple(os.path.normpath(os.path.join(folder, path)) for path in table.get("paths", ())),
        tuple(table.get("select", ())),
        tuple(table.get("ignore", ())),
        table.get("strict", False),
        root,
        os.path.normpath(os.path.join(folder, baseline)) if baseline else "",
    )


def _judge(file: str, key: str, path: str, root: str) -> None:
    """Raise UsageError for a path or glob that leads out of the project."""
    parts = path.split(os.sep)
    plain = next((number for number, part in enumerate(parts) if glob.has_magic(part)), len(parts))
    start = os.path.join(root, os.sep.join(parts[:plain]) or (os.sep if not parts[0] else ""))
    inside = is_below(os.path.normpath(start), root) and is_below(os.path.realpath(start), root)
    if not inside or os.pardir in parts[plain:]:
        raise UsageError(
            f"{file}: tool.orchestrator.{key}: {path} lies outside of the project; name it on the command line"
        )


def _check(file: str, key: str, value: Any) -> None:
    where = f"{file}: tool.orchestrator.{key}"
    if key not in _KEYS:
        from difflib import get_close_matches

        near = get_close_matches(key, _KEYS, 1)
        raise UsageError(
            f"{where}: no such key; {f'did you mean {near[0]}?' if near else 'known: ' + ', '.join(_KEYS)}"
        )
    if _KEYS[key] is bool:
        if not isinstance(value, bool):
            raise UsageError(f"{where}: expected true or false")
    elif _KEYS[key] is str:
        if not isinstance(value, str) or not value:
            raise UsageError(f"{where}: expected a text")
    elif not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise UsageError(f"{where}: expected a list of texts")
