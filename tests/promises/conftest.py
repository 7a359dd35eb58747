from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .meshes import Mesh

Make = Callable[..., Mesh]
"""Make a mesh from its nodes, its edges and variables on top of the environment."""


@pytest.fixture
def mesh() -> Iterator[Make]:
    """Make meshes that are ended with the test, whatever happens."""
    made: list[Mesh] = []

    def make(nodes: dict[str, Any], edges: dict[str, Any], environment: dict[str, str] | None = None) -> Mesh:
        made.append(Mesh(nodes, edges, environment))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def busy() -> Iterator[None]:
    """Two loops that take what the processors have."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    yield
    for loop in loops:
        loop.kill()
        loop.wait()
