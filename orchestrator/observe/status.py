"""What ``ps`` shows of a mesh: what its supervisor knows of the processes, and what the kernel shows of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from orchestrator.observe import groups, links, outside, threads
from orchestrator.plan.links import Links

Document = dict[str, Any]

NOTHING: Document = {"count": None, "cpu": None, "memory": None}

OWN = ("addresses",)
OF_PROCESS = ("started", "mute", "runs")
"""What a supervisor says for us alone: the addresses of endpoints; when a process has started, in seconds of
CLOCK_MONOTONIC, whether it does not answer, and whether its program runs.
"""

Looks = dict[int, tuple[float, float]]
"""The seconds of cpu that each pid had used at the last look, and when that was."""


def document(told: Document, declared: Links, looks: Looks, now: float) -> tuple[Document, Looks]:
    """Return the document of ``ps --format json``, version 1, and what the next look counts percents of cpu from."""
    pids: dict[int, str] = {each["pid"]: each["name"] for each in told["processes"] if each["pid"]}
    of = groups.members(pids)
    owners = {pid: pids[leader] for leader, group in of.items() for pid in [leader, *group]}
    running = {each["name"] for each in told["processes"] if each["runs"]}
    found = links.counts(declared, told["addresses"], owners, running)
    far = _outside(declared, told["addresses"], owners)
    seen: Looks = {}
    processes = [
        _process(each, of.get(each["pid"], []), looks, seen, now)
        | {"links": found[each["name"]]}
        | ({"outside": far[each["name"]]} if each["name"] in far else {})
        for each in told["processes"]
    ]
    return {key: value for key, value in told.items() if key not in OWN} | {"processes": processes}, seen


def _process(told: Document, group: list[int], looks: Looks, seen: Looks, now: float) -> Document:
    found = {}
    for key, value in told.items():
        if key not in OF_PROCESS:
            found[key] = value
        if key == "since":
            found["doing"] = threads.doing(told["pid"]) if told["mute"] else ""
    return found | _usage(told, group, looks, seen, now)


def _usage(told: Document, group: list[int], looks: Looks, seen: Looks, now: float) -> Document:
    used = groups.usage(group)
    if not used.processes:
        return NOTHING
    # At first since it has started. Who was reaped by nobody of the group takes its time along.
    spent, since = looks.get(told["pid"], (0.0, told["started"]))
    seen[told["pid"]] = used.cpu, now
    cpu = 100 * max(0.0, used.cpu - spent) / max(now - since, 0.01)
    return {"count": used.processes, "cpu": round(cpu, 1), "memory": groups.memory(group, used)}


def _outside(declared: Links, addresses: Mapping[str, str], pids: Mapping[int, str]) -> dict[str, Document]:
    """Return how many links to external nodes are up for each process with some; where it binds any number may be."""
    up = outside.up(declared.external, addresses, pids)
    found: defaultdict[str, Document] = defaultdict(dict)
    for each in declared.external:
        link = found[each.process].setdefault(each.edge, {"up": 0, "declared": 0})
        link["up"] += up[each] if each.binds else min(1, up[each])
        link["declared"] += max(1, up[each]) if each.binds else 1
    return dict(found)
