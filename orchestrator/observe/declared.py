"""The links that a plan declares, read from plan.json as it is: a look at a mesh need not load the plan's model.

The supervisor has the same of the plan that it has loaded (``plan.links``, ``runtime/outside_monitor.py``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from orchestrator.observe.outside import Far

NODE = re.compile(r"[^.\[]+")


class Peer(NamedTuple):
    """One link as a process sees it: edge, endpoint, the process at its other end, and whether it binds itself."""

    edge: str
    endpoint: str
    process: str
    binds: bool


class Declared(NamedTuple):
    """The links of each process within the mesh, in the order of the plan; those to external programs; and who binds
    each endpoint that a process of the mesh binds.
    """

    peers: dict[str, list[Peer]]
    far: list[Far]
    binders: dict[str, str]


NOTHING = Declared({}, [], {})
"""Where no plan can be read."""


def declared(plan: Mapping[str, Any]) -> Declared:
    """Return the links of a plan, given as the JSON document that it is on disk."""
    binder: dict[str, str] = {each["name"]: each["process"] for each in plan["endpoints"]}
    peers: dict[str, list[Peer]] = {each["name"]: [] for each in plan["processes"]}
    far: list[Far] = []
    for process in plan["processes"]:
        name = process["name"]
        for socket in process["sockets"]:
            for link in socket["connects"]:
                edge, endpoint = link["edge"], link["endpoint"]
                if not binder[endpoint]:
                    far.append(Far(name, edge, endpoint, binds=False))
                    continue
                peers[name].append(Peer(edge, endpoint, binder[endpoint], binds=False))
                peers[binder[endpoint]].append(Peer(edge, endpoint, name, binds=True))
    external = set(plan["external"])
    for edge in plan["edges"]:
        if any(match[0] in external for each in edge["connect"] if (match := NODE.match(each))):
            far += [Far(binder[name], edge["name"], name, binds=True) for name in edge["endpoints"] if binder[name]]
    return Declared(peers, far, {name: process for name, process in binder.items() if process})
