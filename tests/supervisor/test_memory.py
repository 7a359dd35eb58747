from __future__ import annotations

import os

from orchestrator.supervisor.effects import Report, Signal
from orchestrator.supervisor.memory import judge, resident


def test_within_its_limit_nothing_happens() -> None:
    assert list(judge("one", 5, 5)) == []


def test_beyond_it_a_process_is_killed_and_that_is_said() -> None:
    report, signal = judge("one", 6 * 2**20, 5 * 2**20)
    assert signal == Signal("one", "KILL")
    assert isinstance(report, Report)
    assert report.values["text"] == "uses 6 MiB, more than limits.memory, 5 MiB: killed by SIGKILL"


def test_resident_memory_is_read_from_the_kernel() -> None:
    assert resident(os.getpid()) > 5 * 2**20


def test_a_process_that_is_gone_uses_none() -> None:
    assert resident(2**22 + 1) == 0
