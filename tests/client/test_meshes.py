from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest
from cli.conftest import serving

from orchestrator.client import meshes
from orchestrator.contract import folders
from orchestrator.contract.folders import Folders


@pytest.fixture
def market(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folders:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "r"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "s"))
    made = folders.of("market")
    folders.make(made)
    return made


def test_a_mesh_runs_while_its_lock_is_held(market: Folders) -> None:
    assert not meshes.runs(market)
    with open(market.lock, "w") as lock:
        assert not meshes.runs(market)
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert meshes.runs(market)
        assert meshes.running() == ["market"]
    assert meshes.running() == []
    assert meshes.started() == meshes.remembered() == ["market"]


def test_looking_at_a_lock_does_not_take_it(market: Folders) -> None:
    with open(market.lock, "w") as lock:
        assert not meshes.held(market.lock)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_mesh_runs_while_its_supervisor_listens(market: Folders) -> None:
    with serving(Path(market.supervisor), lambda _: {"ok": {}}):
        assert meshes.runs(market)
        assert not meshes.lost(market)


def test_a_mesh_is_lost_when_nobody_lives_but_its_run_folder_is_there(market: Folders) -> None:
    assert not meshes.lost(market)
    market.environment.write_text("{}")
    assert meshes.lost(market)
    os.utime(market.environment, (1, 1))  # from before the last boot
    assert not meshes.lost(market)


def test_one_client_starts_a_mesh_at_a_time(market: Folders) -> None:
    with meshes.starting(market) as first, meshes.starting(market) as second:
        assert (first, second) == (True, False)
    with meshes.starting(market) as again:
        assert again


def test_no_folders_no_meshes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "none"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "none"))
    assert meshes.started() == meshes.running() == meshes.remembered() == []
