"""How an exit is told, of a mesh that runs and of one that is over alike."""

from __future__ import annotations

import signal
from typing import get_args

import pytest

from orchestrator.client import past_runs
from orchestrator.control.endings import exit_document
from orchestrator.control.messages import Exited
from orchestrator.control.states import ALIVE, OVER, UP, State
from orchestrator.supervisor.policy.state import fresh
from orchestrator.supervisor.requests.status import status as told
from tests.support.plans import market

EXITED: Exited = {
    "time": 3.0, "event": "exited", "process": "feed", "generation": 1, "status": 0, "seconds": 1.0, "reason": [],
    "will": "failed", "clean": False, "stopping": False, "attempt": 0, "max_attempts": None, "delay": 0.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("status", "code", "name"),
    [
        (0, 0, None),
        (3, 3, None),
        (-signal.SIGKILL, None, "SIGKILL"),
        (-(signal.SIGRTMIN + 3), None, signal.SIGRTMIN + 3),
        (None, None, None),
    ],
)
def test_an_exit_is_told_by_status_or_signal(status: int | None, code: int | None, name: object) -> None:
    assert exit_document(status, ["first", "last"], 1.23456) == {
        "status": code,
        "signal": name,
        "ago": 1.235,
        "reason": "last",
    }


def test_one_that_nobody_saw_says_so() -> None:
    assert exit_document(None, [], 0.0)["reason"] == "nobody saw how it ended"
    assert exit_document(0, [], 0.0)["reason"] is None


@pytest.mark.parametrize("status", [0, 2, -9, None])
@pytest.mark.parametrize("reason", [[], ["why"]])
def test_a_mesh_that_runs_and_one_that_is_over_tell_the_same(status: int | None, reason: list[str]) -> None:
    mesh = fresh(market(1), 0.0)
    feed = mesh.processes["feed"]
    feed.exited, feed.status, feed.reason, feed.exited_at = True, status, reason, 3.0
    answer = told(mesh, {}, "", 5.0)
    running = answer["processes"][0][answer["columns"].index("exit")]
    event: Exited = {**EXITED, "status": status, "reason": reason}
    [past] = past_runs.document("market", [], {"feed": "feed"}, [event], 5.0)["processes"]
    assert past["exit"] == running


def test_each_state_is_of_one_that_is_there_over_or_to_come() -> None:
    assert frozenset() == ALIVE & OVER
    assert ALIVE | OVER | {"waiting", "backoff"} == {*get_args(State)}
    assert UP <= ALIVE | OVER
