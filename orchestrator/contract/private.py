"""Folders and files for this user alone, whatever umask(2) says."""

from __future__ import annotations

import os
from pathlib import Path


def folder(path: Path) -> None:
    """Make a folder and those above it that are missing. Raise OSError."""
    if not path.parent.exists():
        folder(path.parent)
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        return
    path.chmod(0o700)


def file(path: Path, flags: int) -> int:
    """Open a file, made where it is missing; return its descriptor. Raise OSError."""
    opened = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC, 0o600)
    os.fchmod(opened, 0o600)
    return opened


def replace(path: Path, content: bytes, beside: str = ".new") -> None:
    """Put ``content`` in a file's place: a reader sees the old or the new one. Raise OSError.

    ``beside`` ends the name of what is written first: writers that may come at the same time need one each.
    """
    new = path.with_name(path.name + beside)
    with open(new, "wb", opener=opener) as file:
        file.write(content)
    new.replace(path)


def opener(path: str, flags: int) -> int:
    """Open a file for ``open``; where it is made, it is for this user alone. Raise OSError."""
    return os.open(path, flags, 0o600)
