"""What is made of a journal that does not tell of those who live."""

from __future__ import annotations

import pytest

from orchestrator.contract.exits import Child
from orchestrator.supervisor.policy.state import MeshState, ProcessState, fresh
from orchestrator.supervisor.runtime import store
from orchestrator.supervisor.runtime.adoption import adopt, remarks
from orchestrator.supervisor.runtime.store import Left
from tests.support.plans import node, plan


@pytest.fixture
def mesh() -> MeshState:
    return fresh(plan(node("one"), node("two")), 0.0)


def test_one_that_is_not_known_is_taken_as_starting(mesh: MeshState) -> None:
    assert adopt(mesh, [Child("one", 3, 41, 7)], 9.0) == 1
    one = mesh.processes["one"]
    assert (one.state, one.generation, one.pid, one.ticks, one.released) == ("starting", 3, 41, 7, False)
    assert mesh.processes["two"].state == "waiting"


def test_one_that_is_known_gets_its_pid(mesh: MeshState) -> None:
    mesh.processes["one"] = ProcessState("one", "ready", 3, released=True)
    assert adopt(mesh, [Child("one", 3, 41, 7)], 9.0) == 0
    assert (mesh.processes["one"].state, mesh.processes["one"].pid) == ("ready", 41)


def test_an_old_report_is_no_news(mesh: MeshState) -> None:
    mesh.processes["one"] = ProcessState("one", "backoff", 4)
    assert adopt(mesh, [Child("one", 3, 41, 7), Child("three", 1, 42, 7)], 9.0) == 0
    assert (mesh.processes["one"].state, mesh.processes["one"].pid) == ("backoff", 0)


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (Left({}, {"version": store.VERSION}), []),
        (Left(), ["state.jsonl tells nothing of a mesh that runs: 2 processes were found"]),
        (
            Left({}, {"version": 99}),
            ["state.jsonl is of version 99, not 2, and is not used: 2 processes were found"],
        ),
        (
            Left({}, {"boot": ""}),
            ["state.jsonl is of version none, not 2, and is not used: 2 processes were found"],
        ),
        (Left({}, {"version": store.VERSION}, 3), ["state.jsonl: 3 lines cannot be read, and were left out"]),
    ],
)
def test_what_is_wrong_is_said(left: Left, said: list[str]) -> None:
    adopted = 0 if left.mesh.get("version") == store.VERSION else 2
    assert [text.partition(" by their")[0] for text in remarks(left, adopted)] == said
