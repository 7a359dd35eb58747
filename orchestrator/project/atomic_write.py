"""Write a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile

from orchestrator.project.errors import UsageError


def inside(file: str) -> str:
    """Return the real path of a file. Raise UsageError where a link leads out of its tree.

    That is the current folder, or for a file elsewhere the folder that it is named in.
    """
    here, named, real = os.getcwd(), os.path.abspath(file), os.path.realpath(file)
    tree = os.path.realpath(here if _below(named, here) else os.path.dirname(named))
    if not _below(real, tree):
        raise UsageError(f"{file}: a link to {real}, outside of {tree}, and nothing is changed through such a link")
    return real


def _below(path: str, folder: str) -> bool:
    return path.startswith(os.path.join(folder, ""))


def rewrite(file: str, content: bytes) -> None:
    """Put ``content`` in a file's place: a reader sees the old or the new one; mode, owner and links stay.

    Raise OSError, and UsageError where a link leads out of the tree.
    """
    real = inside(file)
    handle, made = tempfile.mkstemp(prefix=f".{os.path.basename(real)[:100]}.", dir=os.path.dirname(real))
    try:
        with open(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        _like(real, made)
        os.replace(made, real)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(made)
        raise


def _like(old: str, new: str) -> None:
    """Return a new file the mode and the owner of the old one, as far as we may; of a first one what umask says."""
    try:
        about = os.stat(old)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(new, 0o666 & ~mask)
        return
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):
            os.chown(new, about.st_uid, about.st_gid)
    os.chmod(new, about.st_mode & 0o7777)
