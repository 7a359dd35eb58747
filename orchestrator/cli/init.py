"""``init``: write a mesh to begin with."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.options import Name, Remarks
from orchestrator.project import select_files
from orchestrator.project.errors import UsageError
from orchestrator.report.output import PLAIN

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Where to; it need not exist.", show_default=False)]


def init(folder: Folder = Path(), name: Name = "", output: Remarks = PLAIN) -> None:
    """Write a small mesh to begin with: a topology, two programs, a schema for editors. It overwrites nothing."""
    from orchestrator.cli.init_template import SCHEMA, files
    from orchestrator.schema.build import text as schema

    chosen = select_files.checked(name) if name else _name(folder)
    written = {folder / each: text for each, text in {**files(chosen), SCHEMA: schema()}.items()}
    if there := [path for path in written if path.exists() or path.is_symlink()]:
        raise UsageError("\n".join(f"{path} is there already; init overwrites nothing" for path in there))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in written.items():
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
            output.note(f"wrote {path}")
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}") from None
    go = "" if folder.resolve() == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    output.note(f"next: {go}orchestrator up")


def _name(folder: Path) -> str:
    try:
        return select_files.default_name(str(folder / select_files.DEFAULT))
    except UsageError as mistake:
        raise UsageError(f"{mistake}; --name gives it one") from None
