from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support.meshes import mesh

__all__ = ["mesh"]


@pytest.fixture
def busy() -> Iterator[None]:
    """Two loops that take what the processors have."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    yield
    for loop in loops:
        loop.kill()
        loop.wait()
