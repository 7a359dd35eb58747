"""No false alarm: patterns of the ZeroMQ guide, with the options that its programs set, and the mesh's own examples."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.lint.examples import findings

ROOT = Path(__file__).parents[3]
GUIDE = sorted((ROOT / "tests/lint/guide").iterdir())
EXAMPLES = sorted(file.parent for file in (ROOT / "topologies").glob("*/topology.yaml"))


@pytest.mark.parametrize("folder", [*GUIDE, *EXAMPLES], ids=lambda folder: folder.name)
def test_no_error_and_no_warning(folder: Path, tmp_path: Path) -> None:
    files = {each.name: each.read_text() for each in folder.iterdir() if each.suffix in (".yaml", ".py")}
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    assert [str(each) for each in findings(files, tmp_path) if each.severity != "info"] == []


def test_there_are_enough() -> None:
    assert len(GUIDE) >= 25
    assert EXAMPLES
