"""``validate`` as programs call it: what it gives, what it writes, what it remarks."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.project.errors import UsageError
from orchestrator.project.selection import Selection
from orchestrator.project.validation import Request, Validated, validate

MESH = """\
name: market
nodes:
  feed: {command: "true", sockets: {ticks: {type: PUB, lingr: 1s}}}
  bot: {command: "true", sockets: {ticks: {type: SUB, subscribe: ""}}}
edges:
  ticks: {bind: feed.ticks, connect: bot.ticks}
"""
NOTHING = Selection(())


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "topology.yaml"
    path.write_text(MESH)
    return path


def found(
    paths: list[str] | None = None, selection: Selection = NOTHING, quiet: bool = False, **asked: object
) -> list[str]:
    remarks: list[str] = []
    done = validate(paths, selection, Request(**asked), remark=remarks.append)  # type: ignore[arg-type]
    assert isinstance(done, Validated)
    return [*remarks, *(each.code for each in done.checked.findings)]


def test_the_topology_here_is_checked_or_the_one_that_is_selected(file: Path) -> None:
    assert "Z401" in found(offline=True)
    (file.parent / "other.yaml").write_text(MESH.replace(", lingr: 1s", ""))
    assert "Z401" not in found(selection=Selection(("other.yaml",)), offline=True)
    assert "Z401" not in found(["other.yaml"], offline=True)
    with pytest.raises(UsageError, match="-f lays files over one another"):
        found(["other.yaml"], Selection(("topology.yaml",)))


def test_a_difference_writes_nothing_and_a_fix_does(file: Path) -> None:
    done = validate(None, NOTHING, Request(diff=True, offline=True), remark=print)
    assert done is not None
    assert [" linger: 1s" in change.new for change in done.changes] == [True]
    assert file.read_text() == MESH
    assert found(fix=True, offline=True)[0] == "mended: 1"
    assert " linger: 1s" in file.read_text()


def test_a_baseline_that_is_written_gives_no_findings(file: Path) -> None:
    file.write_text(MESH.replace(", lingr: 1s", ", linger: 1s"))
    first = found(offline=True)
    remarks: list[str] = []
    asked = Request(baseline="known", write_baseline=True, offline=True)
    assert validate(None, NOTHING, asked, remark=remarks.append) is None
    assert remarks == [f"known: {len(first)} findings written"]
    assert found(baseline="known", offline=True) == [f"known: {len(first)} old findings left out"]
    with pytest.raises(UsageError, match="--write-baseline needs --baseline FILE"):
        found(write_baseline=True)
