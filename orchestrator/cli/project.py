"""What a project says of ``validate`` in its pyproject.toml, under ``[tool.orchestrator]``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.cli.mistake import Mistake

NAME = "pyproject.toml"
_KEYS = {"paths": list, "select": list, "ignore": list, "strict": bool}


@dataclass(frozen=True, slots=True)
class Project:
    """The settings; ``file`` is where they stand, empty where there are none. ``paths`` are as seen from here."""

    file: str = ""
    paths: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strict: bool = False


def find() -> Project:
    """Read the nearest pyproject.toml, here or above, that has the table. Raise Mistake where it is wrong."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        try:
            content = (folder / NAME).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise Mistake(f"{os.path.relpath(folder / NAME)}: cannot be read: {error.strerror}") from None
        found = _read(content, os.path.relpath(folder / NAME))
        if found is not None:
            return found
    return Project()


def _read(content: bytes, file: str) -> Project | None:
    """Read one file; None where it has no such table."""
    if b"orchestrator" not in content:  # the tables of others are none of our business
        return None
    import tomllib

    try:
        tables = tomllib.loads(content.decode()).get("tool", {})
    except ValueError as error:
        raise Mistake(f"{file}: not TOML: {error}") from None
    table = tables.get("orchestrator") if isinstance(tables, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise Mistake(f"{file}: tool.orchestrator: expected a table")
    for key, value in table.items():
        _check(file, key, value)
    folder = os.path.dirname(file)
    return Project(
        file,
        tuple(os.path.normpath(os.path.join(folder, path)) for path in table.get("paths", ())),
        tuple(table.get("select", ())),
        tuple(table.get("ignore", ())),
        table.get("strict", False),
    )


def _check(file: str, key: str, value: Any) -> None:
    where = f"{file}: tool.orchestrator.{key}"
    if key not in _KEYS:
        from difflib import get_close_matches

        near = get_close_matches(key, _KEYS, 1)
        raise Mistake(f"{where}: no such key; {f'did you mean {near[0]}?' if near else 'known: ' + ', '.join(_KEYS)}")
    if _KEYS[key] is bool:
        if not isinstance(value, bool):
            raise Mistake(f"{where}: expected true or false")
    elif not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise Mistake(f"{where}: expected a list of texts")
