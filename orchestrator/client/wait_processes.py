"""Asking for something to be done to processes, and waiting until it has come true."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from orchestrator.client import connection, requests
from orchestrator.client.errors import MeshEndedError, MeshTimeoutError
from orchestrator.client.remarks import Remark, silent
from orchestrator.project.errors import UsageError

if TYPE_CHECKING:
    from orchestrator.contract.codec import Request
    from orchestrator.contract.folders import Folders
    from orchestrator.control.messages import Acted, Outcome


def act(of: Folders, request: Request[Acted]) -> dict[str, int]:
    """Have something done to processes; return for each the generation that is to end, or to come. Raise UsageError."""
    try:
        return requests.ask(of, request)["processes"]
    except connection.Refused as refused:
        raise UsageError(f"{of.run.name}: {refused}") from None
    except connection.Unreachable as error:
        raise UsageError(f"{of.run.name}: its supervisor does not answer: {error}") from None


def settle(
    of: Folders,
    what: requests.Aim,
    processes: Mapping[str, int],
    *,
    within: float | None = None,
    remark: Remark = silent,
) -> dict[str, Outcome]:
    """Wait until these generations are ``ready`` or have ``ended``, or will not, and return how they fared.

    ``within`` is in seconds. Raise MeshTimeoutError, MeshGoneError, MeshEndedError where the mesh ended before they
    are, and UsageError where the supervisor refuses.
    """
    name = of.run.name
    deadline = requests.FOREVER if within is None else time.monotonic() + within
    try:
        return _last(of, requests.settle(of, what, processes, deadline), remark)
    except TimeoutError as late:
        raise MeshTimeoutError(f"{name}: not {what} after {within:g} s: {late}") from None
    except connection.Refused as refused:
        raise UsageError(f"{name}: {refused}") from None
    except connection.Unreachable:
        if what != "ended":
            raise MeshEndedError(f"{name}: it has ended") from None
    return _ended_with_mesh(of, processes)


def _last(of: Folders, answers: Iterable[Any], remark: Remark) -> dict[str, Outcome]:
    """Return the outcomes of the last answer; remark on who is waited for, and on what keeps a process from its end."""
    from orchestrator.report.text import some

    waiting: list[str] = []
    explained: set[str] = set()
    found: Any = {}
    for found in answers:
        for name, why in found.get("hindered", {}).items():
            if name in found["pending"] and name not in explained:
                explained.add(name)
                remark(f"{of.run.name}: {name} has not stopped yet: {why}")
        if found["pending"] and found["pending"] != waiting:
            waiting = found["pending"]
            remark(f"{of.run.name}: waiting for {some(waiting)}")
    outcomes: dict[str, Outcome] = found["processes"]
    return outcomes


def _ended_with_mesh(of: Folders, processes: Iterable[str]) -> dict[str, Outcome]:
    """Return how processes fared that ended because their mesh did. Raise MeshGoneError."""
    from orchestrator.client import wait_end
    from orchestrator.client.past_runs import NEVER

    past = wait_end.of_mesh(of, float("inf"))
    return {name: past.outcomes.get(name, {**NEVER, "state": "stopped"}) for name in processes}


def unready(outcomes: Mapping[str, Outcome]) -> bool:
    """Return whether one of some processes that were to be ready is not, and will not be."""
    from orchestrator.report.outcomes import FINE

    return any(each["state"] not in FINE or each["why"] for each in outcomes.values())


def overtaken(outcomes: Mapping[str, Outcome]) -> bool:
    """Return whether one of some processes that were to end was started again meanwhile."""
    return any(each["why"] for each in outcomes.values())
