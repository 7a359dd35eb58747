"""Which meshes this user has, and which of them run."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from orchestrator.client import connection
from orchestrator.contract import folders
from orchestrator.contract.folders import Folders


def held(lock: Path) -> bool:
    """Return whether a living process holds this lock (flock(2)); False where the file is not there."""
    try:
        fd = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(fd)
    return False


def runs(of: Folders) -> bool:
    """Return whether a mesh runs: its keeper lives, or its supervisor, which starts a new keeper."""
    return held(of.lock) or connection.reachable(of.supervisor)


def lost(of: Folders) -> bool:
    """Return whether keeper and supervisor died without an end since the machine booted: nodes may be left."""
    booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    try:
        return of.environment.stat().st_mtime > booted and not runs(of)
    except OSError:
        return False


def started() -> list[str]:
    """Return the names of meshes with a run folder, sorted; a few of them may have ended. Raise FolderError."""
    return _folders(folders.run_root())


def running() -> list[str]:
    """Return the names of the meshes that run, sorted. Raise FolderError where a folder is not this user's alone."""
    return [name for name in started() if runs(folders.of(name))]


def remembered() -> list[str]:
    """Return the names of all meshes that ever wrote a log, sorted. Raise FolderError."""
    return _folders(folders.state_root())


@contextlib.contextmanager
def starting(of: Folders) -> Iterator[bool]:
    """Keep other clients from starting the same mesh meanwhile. Gives False where one is just doing so."""
    fd = os.open(of.state, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        yield False
    else:
        yield True
    finally:
        os.close(fd)


def _folders(root: Path) -> list[str]:
    try:
        with os.scandir(root) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except FileNotFoundError:
        return []
