"""Which state follows which."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from orchestrator.supervisor.policy.lifecycle import TRANSITIONS, enter
from orchestrator.supervisor.policy.state import ProcessState, State

DESIGN = Path(__file__).parents[3] / "docs" / "explanation" / "design.md"


def test_every_state_follows_one_and_has_followers() -> None:
    assert set(TRANSITIONS) == set(get_args(State))
    assert {state for then in TRANSITIONS.values() for state in then} == set(get_args(State))


def test_the_design_prints_the_table() -> None:
    table = [f"| `{state}` | {', '.join(f'`{each}`' for each in then)} |" for state, then in TRANSITIONS.items()]
    assert "\n".join(["| state | may be followed by |", "| --- | --- |", *table, ""]) in DESIGN.read_text()


@pytest.mark.parametrize("state", TRANSITIONS)
def test_no_other_state_is_entered(state: State) -> None:
    for then in get_args(State):
        process = ProcessState("p", state)
        if then in TRANSITIONS[state]:
            enter(process, then, 1.0)
            assert (process.state, process.since) == (then, 1.0)
        else:
            with pytest.raises(AssertionError, match=f"p: {state} to {then}"):
                enter(process, then, 1.0)
            assert process.state == state
