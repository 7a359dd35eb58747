"""How a run and its processes ended, as its events tell it: for when nobody is left to be asked."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.control.messages import Ended, Event, Exited, Outcome


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
                case "ended":
                    self.ended = event
                    for name in self.outcomes.keys() & event["killed"]:
                        self.outcomes[name]["killed"] = True


def _outcome(event: Exited) -> Outcome:
    return {
        "state": "stopped" if event["will"] == "restart" else event["will"],
        "generation": event["generation"],
        "status": event["status"],
        "killed": False,
        "reason": event["reason"][-1] if event["reason"] else "",
    }
