"""The mesh that ``init`` writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.project import new_mesh
from orchestrator.project.errors import UsageError

NAMES = ["topology.yaml", "feed.py", "worker.py", "topology.schema.json"]


def test_each_file_is_told_once_it_is_there(tmp_path: Path) -> None:
    told = []
    for path in new_mesh.write(tmp_path / "shop", ""):
        assert path.read_text()
        told.append(path.name)
    assert told == NAMES
    assert "name: shop\n" in (tmp_path / "shop" / "topology.yaml").read_text()


def test_a_name_that_is_given_goes_before_that_of_the_folder(tmp_path: Path) -> None:
    list(new_mesh.write(tmp_path / "7", "shop"))
    assert "name: shop\n" in (tmp_path / "7" / "topology.yaml").read_text()
    with pytest.raises(UsageError, match="'8' is no name of a mesh; --name gives it one"):
        list(new_mesh.write(tmp_path / "8", ""))
    assert not (tmp_path / "8").exists()


def test_a_link_that_leads_nowhere_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "worker.py").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match=r"worker\.py is there already; init overwrites nothing"):
        list(new_mesh.write(tmp_path, "shop"))
    assert [path.name for path in tmp_path.iterdir()] == ["worker.py"]


def test_what_starts_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert new_mesh.start_command(Path()) == "orchestrator up"
    assert new_mesh.start_command(tmp_path) == "orchestrator up"
    assert new_mesh.start_command(Path("my mesh")) == "cd 'my mesh' && orchestrator up"
