"""What has happened to a mesh, a line an event."""

from __future__ import annotations

from orchestrator.control.messages import Event
from orchestrator.report import unread
from orchestrator.report.progress import ended_with, outside
from orchestrator.report.text import brief, count, in_order, some, stamp, visible


def line(event: Event, width: int = 0) -> str:
    """Return the time in UTC, whom it is about (``width`` columns; - is the mesh), and what happened."""
    whom = str(event.get("process", "-"))
    return visible(f"{stamp(event['time'])}  {whom:{width}}  {_what(event)}")


def _what(event: Event) -> str:
    match event["event"]:
        case "begin":
            files = f", from {', '.join(event['files'])}" if event["files"] else ""
            return f"begins: {count(event['processes'], 'process')}, {count(event['links'], 'link')}{files}"
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
            reason = next((f": {each.strip()}" for each in reversed(event["reason"]) if each.strip()), "")
            limit = "" if event["max_attempts"] is None else f" of {event['max_attempts']}"
            again = f"restart {event['attempt']}{limit} in {brief(event['delay'])}"
            then = again if event["will"] == "restart" else event["will"]
            if event["stopping"] and not event["clean"]:
                then = f"{then}, when told to stop"
            return f"{ended_with(event['status'])} after {event['seconds']:.1f} s{reason}; {then}"
        case "unstarted":
            return f"not started: {event['reason']}"
        case "blocked":
            waiting = [f"{each['process']} ({each['for']})" for each in event["waiting"]]
            return f"the gate waits for {some(waiting)}"
        case "draining":
            why = f", {event['reason']}" if event["reason"] else ""
            return f"stopping{why}: {in_order(event['order'])}"
        case "killed":
            return event["text"] or f"killed by {event['signal']}"
        case "unread":
            return "; ".join(unread.unread(event["process"], each) for each in event["unread"])
        case "note":
            return event["text"]
        case "outside":
            return f"{outside(event)}: {some(event['processes'])}"
        case "ended":
            killed = f", killed: {some(event['killed'])}" if event["killed"] else ""
            clean, restarts = count(event["clean"], "clean exit"), count(event["restarts"], "restart")
            replaced = f", {event['replaced']} exited with 2, told as 1" if event["replaced"] else ""
            tail = f"{killed}, {unread.in_flight(event['in_flight'])}{replaced}"
            return f"{event['state']} after {event['seconds']:.2f} s of drain, {clean}, {restarts}{tail}"
