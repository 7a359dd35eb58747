"""What has happened to a mesh, a line an event."""

from __future__ import annotations

from orchestrator.control.messages import Event
from orchestrator.report import event_text, unread
from orchestrator.report.text import brief, count, some, stamp, visible


def line(event: Event, width: int = 0) -> str:
    """Return the time in UTC, whom it is about (``width`` columns; - is the mesh), and what happened."""
    whom = str(event.get("process", "-"))
    return visible(f"{stamp(event['time'])}  {whom:{width}}  {_what(event)}")


def _what(event: Event) -> str:
    match event["event"]:
        case "begin":
            return f"begins: {event_text.contents(event)}"
        case "started":
            terminal = ", in a terminal" if event.get("terminal") else ""
            return f"started, pid {event['pid']}, generation {event['generation']}{terminal}"
        case "gate":
            links, processes = count(event["links"], "link"), count(event["processes"], "process")
            return f"gate {event['wave']} open after {brief(event['seconds'])}: {processes}, {links}"
        case "ready":
            return "ready"
        case "up":
            return f"all is ready after {brief(event['seconds'])}"
        case "exited":
            reason = event_text.reason(event)
            then = event_text.next_attempt(event) if event["will"] == "restart" else event["will"]
            if event["stopping"] and not event["clean"]:
                then = f"{then}, when told to stop"
            return f"{event_text.exit_summary(event)}{f': {reason}' if reason else ''}; {then}"
        case "unstarted":
            return f"not started: {event['reason']}"
        case "blocked":
            return f"the gate waits for {event_text.waiting_for(event['waiting'])}"
        case "draining":
            return event_text.stopping(event)
        case "killed":
            return event_text.killed(event)
        case "unread":
            return "; ".join(unread.unread(event["process"], each) for each in event["unread"])
        case "note":
            return event["text"]
        case "outside":
            return f"{event_text.outside(event)}: {some(event['processes'])}"
        case "ended":
            killed = f", killed: {some(event['killed'])}" if event["killed"] else ""
            replaced = f", {event['replaced']} exited with 2, told as 1" if event["replaced"] else ""
            tail = f"{killed}, {unread.in_flight(event['in_flight'])}{replaced}"
            return f"{event['state']} after {event['seconds']:.2f} s of drain, {event_text.totals(event)}{tail}"
