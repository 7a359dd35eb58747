from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.client import status
from orchestrator.contract import folders
from orchestrator.report.status import status as lines

TOLD = {"version": 1, "mesh": "m", "files": [], "state": "up", "uptime": 1.0, "problem": "", "processes": []}


@pytest.mark.parametrize(("text", "why"), [(None, "No such file or directory"), ("{}", "it is no plan")])
def test_without_its_plan_a_mesh_is_shown_without_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, why: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "s"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "r"))
    of = folders.of("m")
    folders.make(of)
    if text is not None:
        of.plan.write_text(text)
    document = status.observed(of, TOLD | {"addresses": {}})
    assert document.get("unlinked") == f"{of.plan}: {why}"
    assert lines(document)[1] == f"! {of.plan}: {why}: no links are known"
