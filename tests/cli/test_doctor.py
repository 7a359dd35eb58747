from __future__ import annotations

import json
import os
import resource
from pathlib import Path

import pytest

from orchestrator.project.doctor import checks
from orchestrator.report.doctor import Check, document, lines

from .conftest import orchestrator


def health() -> dict[str, str]:
    return {check.name: check.health for check in checks()}


def test_this_machine_runs_meshes() -> None:
    done = orchestrator("doctor", "--format", "json")
    found = {each["name"]: each for each in json.loads(done.stdout)}
    assert done.returncode == 0
    assert found["libzmq"]["health"] == found["pidfd"]["health"] == "ok"


def test_limits_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda which: (256, 256))
    assert health()["descriptors"] == "limited"


def test_a_folder_that_is_open_to_others_keeps_meshes_from_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "orchestrator").mkdir(mode=0o755)
    os.chmod(tmp_path / "orchestrator", 0o755)
    done = orchestrator("doctor", "-q")
    assert done.returncode == 1
    assert "run folder" in done.stdout
    assert "chmod 700" in done.stdout


def test_a_deep_run_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / ("x" * 80)))
    assert health()["run folder"] == "limited"


def test_what_follows_is_said_only_where_something_is_wrong() -> None:
    found = [
        Check("a", "ok", "1", "never"),
        Check("long", "limited", "2", "said"),
        Check("c", "missing", "", "none"),
    ]
    assert lines(found) == ["ok  a     1", "!   long  2", "          said", "X   c", "          none"]
    assert [each["follows"] for each in document(found)] == ["", "said", "none"]
