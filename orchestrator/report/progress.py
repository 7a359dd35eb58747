"""A run as its events tell it: progress while it comes up, what went wrong, how it ended."""

from __future__ import annotations

from orchestrator.control.messages import (
    Begin,
    Blocked,
    Draining,
    Ended,
    Event,
    Exited,
    Gate,
    Started,
    Unstarted,
    Waiting,
)
from orchestrator.report import event_text, unread
from orchestrator.report.log import Prefixes
from orchestrator.report.text import BOLD, RED, count, in_order, paint, some, visible
from orchestrator.shortlist import first

REASON_LINES = 8
"""How many of the last lines of a process that failed are shown."""

WAITING_LINES = 5
"""How many of the processes that a gate waits for are shown."""


class Story:
    """Told the events of one run in their order, gives the lines that say so.

    ``begun``, ``up``, ``failed`` (those that have, for good), ``stopping`` and ``ended`` tell how far the run is.
    With ``quote``, the last lines of a program that failed are shown; without, whoever reads sees its log anyway.
    """

    def __init__(self, mesh: str, prefixes: Prefixes, *, color: bool = False, quote: bool = True) -> None:
        self._mesh = mesh
        self._prefixes = prefixes
        self._color = color
        self._quote = quote
        self._forget()

    def _forget(self) -> None:
        self.begun = False
        self.up = False
        self.failed: set[str] = set()
        self.stopping = False
        self.ended: Ended | None = None
        self._begin = 0.0
        self._processes = 0
        self._links = 0
        self._started: set[str] = set()
        self._started_at = 0.0
        self._told_started = 0
        self._opened = 0
        self._connected = 0
        self._waiting: list[Waiting] = []

    def tell(self, event: Event) -> list[str]:
        """Return the lines for an event; most events need none."""
        match event["event"]:
            case "begin":
                return self._on_begin(event)
            case "started":
                return self._on_started(event)
            case "gate":
                return self._on_gate(event)
            case "up":
                self.up = True
            case "exited":
                return self._on_exited(event)
            case "unstarted":
                return self._on_unstarted(event)
            case "blocked":
                return self._on_blocked(event)
            case "draining":
                return self._on_draining(event)
            case "killed":
                return [self._prefixes.remark(event["process"], event_text.killed(event))]
            case "unread":
                name = event["process"]
                return [self._prefixes.remark(name, unread.unread(name, each)) for each in event["unread"]]
            case "note":
                return [f"{self._mesh}: {visible(event['text'])}"]
            case "outside":
                return [self._prefixes.remark(some(event["processes"]), event_text.outside(event))]
            case "ended":
                return self._on_ended(event)
        return []

    @property
    def pending(self) -> str:
        """What is under way and not told yet, for the last line of a terminal; often empty."""
        if not self.begun or self.up or self.stopping or self.ended or len(self._started) == self._told_started:
            return ""
        return self._progress("started", len(self._started), self._processes)

    @property
    def blocker(self) -> str:
        """Whom the gate waits for, in one line; empty when nobody said so."""
        return event_text.waiting_for(self._waiting)

    def stop(self, order: list[list[str]], *, again: bool = False) -> list[str]:
        """Return the line for a stop that this client asked for; its event then needs none. ``again`` would kill."""
        if self.stopping:
            return []
        self.stopping = True
        return [f"stopping{' (again to kill)' if again else ''}: {in_order(order)}"]

    def _on_begin(self, event: Begin) -> list[str]:
        self._forget()
        self.begun = True
        self._begin, self._processes = event["time"], event["processes"]
        self._links = event.get("gated", event["links"])
        return [paint(f"{self._mesh}: {visible(event_text.contents(event))}", BOLD, self._color)]

    def _on_started(self, event: Started) -> list[str]:
        self.failed.discard(event["process"])
        if self._opened < self._processes and not event.get("terminal"):  # later ones are restarts
            self._started.add(event["process"])
            self._started_at = event["time"]
        return []

    def _on_gate(self, event: Gate) -> list[str]:
        self._waiting = []
        self._opened += event["processes"]
        self._connected += event["links"]
        self._told_started = len(self._started)
        lines = [
            self._progress("started", len(self._started), self._processes, f"{self._started_at - self._begin:.2f} s"),
            self._progress("connected", self._connected, self._links),
        ]
        seen = [f"{count(number, 'subscription')} at {socket}" for socket, number in event["subscriptions"].items()]
        tail = ", ".join(filter(None, (f"{event['seconds']:.2f} s", some(seen, 3))))
        return [*lines, self._line("gate open", "", tail)]

    def _on_exited(self, event: Exited) -> list[str]:
        if event["clean"]:
            return []
        lines = [line for line in event["reason"] if line.strip()]
        summary = event_text.exit_summary(event) + (", when told to stop" if event["stopping"] else "")
        summary += f": {event_text.reason(event)}" if lines else ""
        quoted = lines[-REASON_LINES:] if self._quote and len(lines) > 1 else []
        told = [summary, *(f"  {line}" for line in quoted)]
        if event["will"] == "restart":
            told.append(f"{event_text.next_attempt(event)}; {_more(event['process'])}")
        elif event["stopping"]:
            told.append(_more(event["process"]))
        else:
            self.failed.add(event["process"])
            told.append(f"failed for good; {_more(event['process'])}")
        return [self._prefixes.remark(event["process"], line) for line in told]

    def _on_unstarted(self, event: Unstarted) -> list[str]:
        self.failed.add(event["process"])
        return [self._prefixes.remark(event["process"], f"was not started: {event['reason']}")]

    def _on_blocked(self, event: Blocked) -> list[str]:
        if event["waiting"] == self._waiting:
            return []
        self._waiting = event["waiting"]
        lines = first(
            [f"{'waiting':<10} {one['process']}: {visible(one['for'])}" for one in self._waiting], WAITING_LINES
        )
        lines[WAITING_LINES:] = [f"{'':<10} and {more}" for more in lines[WAITING_LINES:]]
        return [f"  {line}" for line in lines]

    def _on_draining(self, event: Draining) -> list[str]:
        if self.stopping:
            return []
        self.stopping = True
        return [visible(event_text.stopping(event))]

    def _on_ended(self, event: Ended) -> list[str]:
        self.ended = event
        killed = event["killed"]
        left = f"killed: {some(killed)}" if killed else unread.in_flight(event["in_flight"])
        tail = f"{event['seconds']:.2f} s, {left}"
        lines = [self._progress("drained", event["processes"] - len(killed), event["processes"], tail)]
        summary = f"{self._mesh}: {event['state']}, {event_text.totals(event)}"
        if event["replaced"]:
            summary += f"; {event['replaced']} exited with 2, told as 1: 2 would say that nothing was done"
        return [*(lines if self.stopping else []), paint(summary, RED if event["status"] else BOLD, self._color)]

    def _progress(self, what: str, done: int, total: int, tail: str = "") -> str:
        return self._line(what, f"{done}/{total}", tail)

    def _line(self, what: str, numbers: str, tail: str) -> str:
        width = max(len(f"{total}/{total}") for total in (self._processes, self._links))
        return f"  {what:<10} {numbers:<{width}}  {tail}".rstrip()


def _more(process: str) -> str:
    return f"more: orchestrator logs {process}"
