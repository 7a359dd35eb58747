from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchestrator.client import status
from orchestrator.contract import folders, private
from orchestrator.contract.folders import Folders
from orchestrator.plan import model
from orchestrator.report.status import status as lines
from tests.support.plans import market

TOLD = {"version": 1, "mesh": "m", "files": [], "state": "up", "uptime": 1.0, "problem": "", "processes": []}


@pytest.fixture
def of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folders:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "s"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "r"))
    of = folders.of("m")
    folders.make(of)
    return of


@pytest.mark.parametrize(("text", "why"), [(None, "No such file or directory"), ("{}", "it is no plan")])
def test_without_its_plan_a_mesh_is_shown_without_links(of: Folders, text: str | None, why: str) -> None:
    if text is not None:
        of.plan.write_text(text)
    document = status.observed(of, TOLD | {"addresses": {}})
    assert document.get("unlinked") == f"{of.plan}: {why}"
    assert lines(document)[1] == f"! {of.plan}: {why}: no links are known"


def test_a_plan_is_read_once_and_another_one_again(of: Folders) -> None:
    told = TOLD | {"addresses": {}}
    of.plan.write_bytes(model.dump(market(1)))
    read = os.stat(of.plan)
    edges = status.edges(of, told)["edges"]
    assert edges.keys() == {"feed-bot", "book-bot"}
    of.plan.write_text("changed behind its back")
    os.utime(of.plan, ns=(read.st_atime_ns, read.st_mtime_ns))
    assert status.edges(of, told)["edges"] == edges
    assert "unlinked" not in status.observed(of, told)
    private.replace(of.plan, b"{}")
    assert status.edges(of, told)["edges"] == {}
    assert status.observed(of, told).get("unlinked") == f"{of.plan}: it is no plan"
