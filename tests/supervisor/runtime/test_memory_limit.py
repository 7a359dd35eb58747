from __future__ import annotations

from orchestrator.supervisor.policy.effects import Report, Signal
from orchestrator.supervisor.runtime.memory_limit import judge


def test_within_its_limit_nothing_happens() -> None:
    assert list(judge("one", 5, 5)) == []


def test_beyond_it_a_process_is_killed_and_that_is_said() -> None:
    report, signal = judge("one", 6 * 2**20, 5 * 2**20)
    assert signal == Signal("one", "KILL")
    assert isinstance(report, Report)
    assert report.values["text"] == "uses 6 MiB, more than limits.memory, 5 MiB: killed by SIGKILL"


def test_that_it_is_of_several_is_said() -> None:
    report, _ = judge("one", 6 * 2**20, 5 * 2**20, 3)
    assert isinstance(report, Report)
    assert report.values["text"].startswith("and what it has started, 3 processes, use 6 MiB, more than")
