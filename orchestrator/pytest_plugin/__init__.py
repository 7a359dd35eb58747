"""Topologies as tests, by ``pytest --topologies``, and meshes for tests, by the fixture ``mesh``.

Every pytest run here loads this module, so it loads nothing itself but what such a run has loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from orchestrator.pytest_plugin.collect import TopologyFile
    from orchestrator.pytest_plugin.running import Meshes

_NAMES = ("topology.yaml", "topology.yml")
_ENDS = (".topology.yaml", ".topology.yml")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--topologies``."""
    group = parser.getgroup("orchestrator")
    group.addoption("--topologies", action="store_true", help="Collect topology.yaml and *.topology.yaml as tests.")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> TopologyFile | None:
    """Collect a topology, where that is wanted."""
    if not parent.config.option.topologies or not (file_path.name in _NAMES or file_path.name.endswith(_ENDS)):
        return None
    from orchestrator.pytest_plugin.collect import TopologyFile

    return TopologyFile.from_parent(parent, path=file_path)


@pytest.fixture
def mesh(request: pytest.FixtureRequest) -> Iterator[Meshes]:
    """Bring meshes up for a test, ``mesh("file.yaml")``, and end them with it."""
    from orchestrator.pytest_plugin.running import Meshes

    meshes = Meshes(request.path.parent)
    yield meshes
    meshes.close()
