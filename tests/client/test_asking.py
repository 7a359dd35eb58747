"""Questions before something is stopped or sent, and what follows from no, yes, and nobody there."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from orchestrator.client import run_here, start
from orchestrator.client.bring_up import next_commands
from orchestrator.plan.build import build
from orchestrator.plan.model import Plan
from orchestrator.project.errors import UsageError
from orchestrator.report import console
from orchestrator.topology.load import load

LINES = ["risk.audit: 3 messages, written under paper.yaml"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def plan(tmp_path: Path, *, outside: bool) -> Plan:
    path = tmp_path / "topology.yaml"
    path.write_text(f"name: m\nnodes: {{a: {{command: sleep 1}}{', x: {external: true}' if outside else ''}}}\n")
    return build(load([str(path)]))


@pytest.mark.parametrize(
    ("typed", "yes"), [("y\n", True), (" YES \n", True), ("\n", False), ("", False), ("yesterday\n", False)]
)
def test_only_yes_is_yes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str, yes: bool
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    assert console.confirmed("go on?") == yes
    assert capsys.readouterr() == ("", "go on? [y/N] ")


def test_a_process_is_stopped_only_where_somebody_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    with pytest.raises(UsageError, match=r"^work is ready; --yes stops it first$"):
        run_here.agree("work", "ready")
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    with pytest.raises(UsageError, match=r"^work goes on$"):
        run_here.agree("work", "ready")
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    run_here.agree("work", "ready")


def test_a_command_has_to_be_there() -> None:
    with pytest.raises(UsageError, match=r"^no-such-command: no such command$"):
        run_here.require_command(["no-such-command", "sh"])
    for there in ([], ["sh"], ["./what-the-shell-looks-for-itself"]):
        run_here.require_command(there)


def test_external_nodes_get_what_another_mesh_has_left_only_where_somebody_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = plan(tmp_path, outside=True)
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    with pytest.raises(UsageError, match=r"m has external nodes \(x\): -y starts it all the same"):
        start.asking(yes=False)(outside, LINES)
    monkeypatch.setattr(sys, "stdin", Terminal("\n"))
    with pytest.raises(UsageError, match=r"^m is not started$"):
        start.asking(yes=False)(outside, LINES)
    assert capsys.readouterr().err == f"{LINES[0]}\nm has external nodes (x); start it all the same? [y/N] "
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    start.asking(yes=False)(outside, LINES)
    assert capsys.readouterr().err.endswith(f"[y/N] m: {LINES[0]}\n")


def test_nobody_is_asked_who_has_agreed_or_where_nobody_is_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    start.asking(yes=True)(plan(tmp_path, outside=True), LINES)
    start.asking(yes=False)(plan(tmp_path, outside=False), LINES)
    assert capsys.readouterr().err == f"m: {LINES[0]}\n" * 2


def test_how_a_mesh_was_left_is_said_with_what_comes_next() -> None:
    ends = "orchestrator down m"
    assert next_commands("m", 0, set()) == f"m is up; orchestrator logs -m m -f shows its output, {ends} ends it"
    more = f"more: orchestrator ps -m m; end: {ends}"
    assert next_commands("m", 1, {"b", "a"}) == f"m goes on, without a, b; {more}"
    assert next_commands("m", 1, set()) == f"m goes on, not all of it; {more}"
