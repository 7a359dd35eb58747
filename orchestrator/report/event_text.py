"""What events say, in parts that the story of a run and ``events`` put together."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.control.messages import Begin, Draining, Ended, Exited, Killed, Outside, Waiting
from orchestrator.report.text import brief, count, in_order, some


def contents(event: Begin) -> str:
    """Return what a mesh consists of, and from which files."""
    files = f", from {', '.join(event['files'])}" if event["files"] else ""
    return f"{count(event['processes'], 'process')}, {count(event['links'], 'link')}{files}"


def exit_summary(event: Exited) -> str:
    """Return how a process ended, and after how long."""
    return f"{ended_with(event['status'])} after {event['seconds']:.1f} s"


def reason(event: Exited) -> str:
    """Return the last line that a process printed; empty where there is none."""
    return next((each.strip() for each in reversed(event["reason"]) if each.strip()), "")


def next_attempt(event: Exited) -> str:
    """Return which attempt comes next, and when."""
    limit = "" if event["max_attempts"] is None else f" of {event['max_attempts']}"
    return f"restart {event['attempt']}{limit} in {brief(event['delay'])}"


def stopping(event: Draining) -> str:
    """Return why a mesh stops, and in which order."""
    why = f", {event['reason']}" if event["reason"] else ""
    return f"stopping{why}: {in_order(event['order'])}"


def killed(event: Killed) -> str:
    """Return why a process was killed, or by which signal."""
    return event["text"] or f"killed by {event['signal']}"


def waiting_for(waiting: Sequence[Waiting]) -> str:
    """Return whom a gate waits for, and for what of each; empty for nobody."""
    return some([f"{each['process']} ({each['for']})" for each in waiting])


def totals(event: Ended) -> str:
    """Return how many clean exits and restarts a run had."""
    return f"{count(event['clean'], 'clean exit')}, {count(event['restarts'], 'restart')}"


def outside(event: Outside) -> str:
    """Return whether somebody is at the address of an external node."""
    who = "somebody answers" if event["up"] else "nobody answers"
    return f"{who} at {event['address']} (edge {event['edge']})"


def ended_with(status: int | None) -> str:
    """Return how a process ended: by a status, minus a signal's number, or None where nobody saw it."""
    if status is None:
        return "ended, nobody saw how"
    if status < 0:
        return f"killed by {signal_name(-status)}"
    return f"exited with status {status}"


def signal_name(number: int) -> str:
    """Return ``SIGKILL`` for 9."""
    import signal

    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
