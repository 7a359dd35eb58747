"""No false alarm: patterns of the ZeroMQ guide, with the options that its programs set, and the mesh's own examples."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from orchestrator.topology.diagnostics.diagnostic import Diagnostic
from tests.lint.examples import findings

ROOT = Path(__file__).parents[3]
GUIDE = sorted((ROOT / "tests/lint/guide").iterdir())
EXAMPLES = sorted(file.parent for file in (ROOT / "topologies").glob("*/topology.yaml"))
REAL = sorted((ROOT / "tests/cases/real").glob("*.topology.yaml"))


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.name.removesuffix('.topology.yaml')}"


@pytest.mark.parametrize("folder", [*GUIDE, *EXAMPLES], ids=lambda folder: folder.name)
def test_no_error_and_no_warning(folder: Path, tmp_path: Path) -> None:
    assert [str(each) for each in found_in(folder, "topology.yaml", tmp_path) if each.severity != "info"] == []


@pytest.mark.parametrize("file", [*(folder / "topology.yaml" for folder in EXAMPLES), *REAL], ids=named)
def test_there_is_at_most_one_note_a_file(file: Path, tmp_path: Path) -> None:
    found = found_in(file.parent, file.name, tmp_path)
    if file.name == "port.topology.yaml":  # it fixes a port of this machine, which anybody can connect to
        found = [each for each in found if each.code != "Z212"]
    assert [str(each) for each in found if each.severity != "info"] == []
    assert len(found) <= 1, [str(each) for each in found]


def found_in(folder: Path, name: str, tmp_path: Path) -> list[Diagnostic]:
    """Give what is found in a topology among the files of its folder."""
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    files = {each.name: each.read_text() for each in folder.iterdir() if each.suffix in (".yaml", ".py")}
    return findings(files | {"topology.yaml": (folder / name).read_text()}, tmp_path)


def test_there_are_enough() -> None:
    assert len(GUIDE) >= 25
    assert EXAMPLES
    assert len(REAL) >= 12
