"""The tables of ``ps`` and ``ls``."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from orchestrator.control.messages import Exit, Info, Link, ProcessStatus, Status
from orchestrator.report.event_text import signal_name
from orchestrator.report.text import BOLD, RED, exact, paint, rough, size, some, table, visible

TROUBLED = frozenset({"unresponsive", "suspended", "backoff", "failed"})
"""States of a process that a person should look at."""


def status(document: Status, *, color: bool = False, each: bool = False) -> list[str]:
    """Return a head line and a table with one line for each process, or for several that are alike.

    With ``each``, alike or not, every process has its line.
    """
    files = ", ".join(document["files"])
    head = f"{document['mesh']}  {document['state']} {rough(document['uptime'])}  {visible(files)}".rstrip()
    groups = [[one] for one in document["processes"]] if each else alike(document["processes"])
    head_row, *rows = table([("NAME", "STATE", "PID", "UPTIME", "RESTARTS", "CPU", "MEM", "LINKS"), *map(_row, groups)])
    painted = [
        paint(row, RED, color and group[0]["state"] in TROUBLED) for row, group in zip(rows, groups, strict=True)
    ]
    lines = [paint(head, BOLD, color)]
    if document["problem"]:
        lines.append(paint(unwritten(document["problem"]), RED, color))
    if why := document.get("unlinked"):
        lines.append(paint(f"! {visible(why)}: no links are known", RED, color))
    return [*lines, head_row, *painted]


def unwritten(problem: str) -> str:
    """Say what it means that a mesh cannot write."""
    return f"! {visible(problem)}: the mesh goes on, but what happens and what it prints is not kept"


def alike(processes: Sequence[ProcessStatus]) -> list[list[ProcessStatus]]:
    """Put the processes of a node together that differ in nothing a person would look at."""
    nodes: dict[str, dict[object, list[ProcessStatus]]] = {}
    for one in processes:
        nodes.setdefault(one["node"], {}).setdefault(_likeness(one), []).append(one)
    return [group for node in nodes.values() for group in sorted(node.values(), key=len, reverse=True)]


def listing(meshes: Sequence[Info], ended: Sequence[str] = (), *, now: float | None = None) -> list[str]:
    """Return a table of the meshes that run, then of those that have ended."""
    if not meshes and not ended:
        return []
    moment = time.time() if now is None else now
    rows = [
        (each["mesh"], each["state"], rough(max(0.0, moment - each["since"])), visible(", ".join(each["files"])))
        for each in meshes
    ]
    return table([("NAME", "STATE", "UPTIME", "FILES"), *rows, *((name, "ended", "-", "-") for name in ended)])


def _counted(one: ProcessStatus) -> Iterator[tuple[tuple[str, str], Link]]:
    """Yield the links of a process by edge, and behind them those to what is outside of the mesh."""
    yield from (((edge, ""), link) for edge, link in one["links"].items())
    yield from (((edge, " outside"), link) for edge, link in one.get("outside", {}).items())


def _likeness(one: ProcessStatus) -> object:
    end = one["exit"]
    missing = tuple((edge, link["declared"] - link["up"]) for edge, link in _counted(one))
    alive = one["pid"] is not None
    ended = end and (end["status"], end["signal"], _reason(end))
    absent = one.get("unstarted") or one.get("waits")
    return one["state"], one.get("terminal"), absent, one["restarts"], missing, alive or ended


def _row(group: Sequence[ProcessStatus]) -> tuple[str, ...]:
    first = group[0]
    single = len(group) == 1
    uptimes = [one["uptime"] for one in group if one["uptime"] is not None]
    cpu = [one["cpu"] for one in group if one["cpu"] is not None]
    memory = [one["memory"] for one in group if one["memory"] is not None]
    return (
        first["name"] if single else f"{first['node']} ({len(group)})",
        first["state"],
        _pids(group),
        exact(max(uptimes)) if uptimes else "-",
        str(first["restarts"]),
        f"{sum(cpu):.0f}%" if cpu else "-",
        size(sum(memory)) if memory else "-",
        _links(group),
    )


def _pids(group: Sequence[ProcessStatus]) -> str:
    """Return the pid of one process, and how many others they have started."""
    pid = str(group[0]["pid"]) if len(group) == 1 and group[0]["pid"] is not None else ""
    others = sum((one.get("count") or 1) - 1 for one in group)
    return " ".join(filter(None, (pid, f"+{others}" if others else ""))) or "-"


def _links(group: Sequence[ProcessStatus]) -> str:
    first = group[0]
    if first["state"] == "suspended":
        return f"a signal has stopped it, {exact(max(one.get('since', 0.0) for one in group))} ago"
    if first["state"] == "leaving":
        return f"its program has ended, {exact(max(one.get('since', 0.0) for one in group))} ago"
    if first["state"] == "unresponsive":
        silent = exact(max(one.get("since", 0.0) for one in group))
        return ": ".join(filter(None, (f"no answer for {silent}", first.get("doing", ""))))
    if first["pid"] is None and first.get("start") == "manual" and not first.get("terminal"):
        return f"started by hand: orchestrator start {first['name']}, or run"
    if first.get("unstarted"):
        return f"not started: {first['unstarted']}"
    if first.get("waits"):
        return f"waits for {first['waits']}"
    if first["pid"] is None and first["exit"] is not None:
        return _end(first["exit"])
    counts: dict[tuple[str, str], list[int]] = {}
    for one in group:
        for edge, link in _counted(one):
            total = counts.setdefault(edge, [0, 0])
            total[0] += link["up"]
            total[1] += link["declared"]
    links = some([f"{edge} {up}/{declared}{where}" for (edge, where), (up, declared) in counts.items()], 6)
    return ", ".join(filter(None, (links, "in a terminal" if first.get("terminal") else ""))) or "-"


def _end(end: Exit) -> str:
    reason = _reason(end)
    return f"{_how(end)}, {rough(end['ago'])} ago" + (f": {visible(reason)}" if reason else "")


def _how(end: Exit) -> str:
    if end["signal"]:
        return signal_name(end["signal"]) if isinstance(end["signal"], int) else end["signal"]
    return "exit unknown" if end["status"] is None else f"exit {end['status']}"


def _reason(end: Exit) -> str:
    reason = end["reason"] or ""
    lines = [line for line in (reason.splitlines() if isinstance(reason, str) else reason) if line.strip()]
    return lines[-1].strip() if lines else ""
