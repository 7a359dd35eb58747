"""How a run and its processes ended, as its events tell it: for when nobody is left to be asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from orchestrator.control.endings import exit_document
from orchestrator.control.messages import Ended, Event, Exited, Outcome, ProcessStatus, Status

NEVER: Outcome = {
    "state": "failed",
    "generation": 0,
    "status": None,
    "stopping": False,
    "killed": False,
    "reason": "",
    "why": "",
}
"""Of a process that no incarnation was of."""


class Past:
    """Told the events of a mesh in their order; knows how the last run ended, once it has, and its processes."""

    def __init__(self) -> None:
        self.ended: Ended | None = None
        self.outcomes: dict[str, Outcome] = {}

    def tell(self, events: Iterable[Event]) -> None:
        """Take in what has come."""
        for event in events:
            match event["event"]:
                case "begin":
                    self.ended, self.outcomes = None, {}
                case "exited":
                    self.outcomes[event["process"]] = _outcome(event)
                case "unstarted":
                    before = self.outcomes.get(event["process"], NEVER)
                    why = f"not started: {event['reason']}"
                    self.outcomes[event["process"]] = {**before, "state": "failed", "why": why}
                case "ended":
                    self.ended = event
                    for name in self.outcomes.keys() & event["killed"]:
                        self.outcomes[name]["killed"] = True


def _outcome(event: Exited) -> Outcome:
    return {
        "state": "stopped" if event["will"] == "restart" else event["will"],
        "generation": event["generation"],
        "status": event["status"],
        "stopping": event["stopping"],
        "killed": False,
        "reason": event["reason"][-1] if event["reason"] else "",
        "why": "",
    }


def document(mesh: str, files: list[str], nodes: Mapping[str, str], events: Sequence[Event], now: float) -> Status:
    """Return the document of ``ps`` for a run that is over; ``nodes`` maps its processes to their nodes."""
    past = Past()
    past.tell(events)
    began = next((event["time"] for event in events if event["event"] == "begin"), now)
    last = {event["process"]: event for event in events if event["event"] == "exited"}
    return {
        "version": 1,
        "mesh": mesh,
        "files": files,
        "state": past.ended["state"] if past.ended else "lost",
        "uptime": (past.ended["time"] if past.ended else now) - began,
        "problem": "",
        "processes": [_process(name, node, last.get(name), past, now) for name, node in nodes.items()],
    }


def _process(name: str, node: str, exited: Exited | None, past: Past, now: float) -> ProcessStatus:
    outcome = past.outcomes.get(name)
    return {
        "name": name,
        "node": node,
        "state": outcome["state"] if outcome else "unknown",
        "unstarted": outcome["why"].removeprefix("not started: ") if outcome else "",
        "pid": None,
        "generation": exited["generation"] if exited else 0,
        "restarts": max(exited["generation"] - 1, 0) if exited else 0,
        "uptime": None,
        "exit": exit_document(exited["status"], exited["reason"], now - exited["time"]) if exited else None,
        "cpu": None,
        "count": None,
        "memory": None,
        "links": {},
    }
