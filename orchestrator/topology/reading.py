"""Reading files that somebody names: only regular ones of bounded size, so that none is waited for or fills memory."""

from __future__ import annotations

import errno
import os
from stat import S_ISBLK, S_ISCHR, S_ISDIR, S_ISFIFO, S_ISREG, S_ISSOCK

STDIN = "-"
"""The name of a file that is standard input."""

MOST_BYTES = 64 * 1024 * 1024
"""Largest file."""

_OTHERS = ((S_ISFIFO, "a pipe"), (S_ISCHR, "a device"), (S_ISBLK, "a device"), (S_ISSOCK, "a Unix socket"))


def content(file: str | os.PathLike[str], most: int = MOST_BYTES) -> bytes:
    """Read a file. Raise OSError for one that cannot be read, is not regular, or has more than ``most`` bytes."""
    descriptor = _opened(file, most)
    with open(descriptor, "rb") as stream:
        return bounded(stream.read(most + 1), most)


def check(file: str | os.PathLike[str], most: int = MOST_BYTES) -> None:
    """Raise OSError for a file that ``content`` would not read."""
    os.close(_opened(file, most))


def bounded(data: bytes, most: int = MOST_BYTES) -> bytes:
    """Return what was read. Raise OSError where it has more than ``most`` bytes."""
    if len(data) > most:
        raise _too_large(f"more than {most:,} bytes")
    return data


def _opened(file: str | os.PathLike[str], most: int) -> int:
    # The first look spares devices the opening; the second is at what was opened.
    _judge(os.stat(file), most)
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        _judge(os.fstat(descriptor), most)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _judge(about: os.stat_result, most: int) -> None:
    if S_ISDIR(about.st_mode):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not S_ISREG(about.st_mode):
        what = next((name for test, name in _OTHERS if test(about.st_mode)), "no file")
        raise OSError(errno.EINVAL, f"it is {what}, no regular file")
    if about.st_size > most:
        raise _too_large(f"it has {about.st_size:,} bytes; {most:,} is the limit")


def _too_large(why: str) -> OSError:
    return OSError(errno.EFBIG, why)
