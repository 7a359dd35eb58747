from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .mesh import Mesh


@pytest.fixture
def mesh() -> Iterator[Mesh]:
    # A short path: the kernel allows a socket's 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="node-"))
    made = Mesh(folder)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)
