"""How processes fared that were stopped, started or waited for, in lines for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from orchestrator.control.messages import Outcome
from orchestrator.control.states import UP
from orchestrator.report.event_text import ended_with
from orchestrator.report.text import count

NAMED = 8
"""How many processes have a line each; of more, only those with which something is wrong."""

FINE = UP | {"leaving"}


def lines(outcomes: Mapping[str, Outcome], seconds: float) -> list[str]:
    """Return a line for each process, or for all that are alike where there are many, after so many seconds."""
    told = [f"{name}: {_how(each)}" for name, each in outcomes.items() if len(outcomes) <= NAMED or _odd(each)]
    if len(outcomes) > NAMED:
        states = Counter(each["state"] for each in outcomes.values())
        told.append(f"{count(len(outcomes), 'process')}: {', '.join(f'{n} {state}' for state, n in states.items())}")
    if told:
        told[-1] += f"; {seconds:.2f} s"
    return told


def _odd(outcome: Outcome) -> bool:
    return bool(outcome["why"]) or outcome["state"] == "failed" or (outcome["state"] == "stopped" and outcome["killed"])


def stopped_badly(outcome: Outcome) -> bool:
    """Return whether a process that was told to stop did not end as it should."""
    return outcome["stopping"] and _odd(outcome)


def _how(outcome: Outcome) -> str:
    if outcome["why"]:
        return outcome["why"]
    if outcome["killed"] and _odd(outcome):
        return "killed, since it did not stop in time"
    if outcome["state"] == "failed":
        why = f": {outcome['reason']}" if outcome["reason"] else ""
        return f"failed, {ended_with(outcome['status'])}{', when told to stop' if outcome['stopping'] else ''}{why}"
    return outcome["state"]
