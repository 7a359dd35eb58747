"""Topologies as tests: ``pytest --topologies``. Every pytest run here loads this module, so it loads nothing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from orchestrator.pytest_plugin.collect import TopologyFile

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
