"""A small mesh to begin with, written into a folder."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from orchestrator.project import select_files
from orchestrator.project.errors import UsageError
from orchestrator.project.new_mesh_template import SCHEMA, files
from orchestrator.schema.build import text as schema


def write(folder: Path, name: str) -> Iterator[Path]:
    """Write a mesh, named after the folder where ``name`` is empty, and yield each file once it is there.

    Raise UsageError; where one of the files is there already, nothing is written.
    """
    chosen = select_files.checked(name) if name else _name(folder)
    texts = {folder / each: text for each, text in {**files(chosen), SCHEMA: schema()}.items()}
    if there := [path for path in texts if path.exists() or path.is_symlink()]:
        raise UsageError("\n".join(f"{path} is there already; init overwrites nothing" for path in there))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
            yield path
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}") from None


def start_command(folder: Path) -> str:
    """Return what starts the mesh of a folder, typed into a shell in the current one."""
    enter = "" if folder.resolve() == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    return f"{enter}orchestrator up"


def _name(folder: Path) -> str:
    try:
        return select_files.default_name(str(folder / select_files.DEFAULT))
    except UsageError as mistake:
        raise UsageError(f"{mistake}; --name gives it one") from None
