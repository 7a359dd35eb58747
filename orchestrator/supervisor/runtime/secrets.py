"""The secrets of edges: derived from one that is random, made once for each run of a mesh, and stands in its folder.

So whoever is started later, also by a successor of this supervisor, finds the same.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

SIZE = 32


def of(path: Path, circle: str) -> str:
    """Return the secret of a circle of edges, in hexadecimal; the file is made where it is not there. Raise OSError."""
    from hashlib import blake2s  # not in a mesh without such edges: it loads OpenSSL

    return blake2s(circle.encode(), key=_root(path), person=b"edge").hexdigest()


def _root(path: Path) -> bytes:
    with suppress(FileNotFoundError):
        return path.read_bytes()
    made = path.with_suffix(".new")
    made.unlink(missing_ok=True)  # of one who was killed while it wrote
    file = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, os.urandom(SIZE))
    finally:
        os.close(file)
    made.rename(path)
    return path.read_bytes()
