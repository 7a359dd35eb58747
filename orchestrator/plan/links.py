"""The links that a plan declares, seen from both of their ends. Pure; nothing else decides which these are.

They are read of a plan, or of the document that it is on disk: a look at a mesh need not load the plan's model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import getitem
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from orchestrator.plan.model import Plan

NODE = re.compile(r"[^.\[]+")


class Peer(NamedTuple):
    """One link as a process sees it: its own socket, the peer's process and socket, and whether it binds itself."""

    socket: str
    edge: str
    process: str
    peer_socket: str
    endpoint: str
    binds: bool


class ExternalLink(NamedTuple):
    """A process's link to external programs: it binds, for any number of them, or connects to one."""

    process: str
    edge: str
    endpoint: str
    binds: bool


class Links(NamedTuple):
    """The links of each process within the mesh, in the order of the plan; those to external programs; and who binds
    each endpoint that a process of the mesh binds.
    """

    peers: dict[str, list[Peer]]
    external: list[ExternalLink]
    binders: dict[str, str]


NONE = Links({}, [], {})
"""Where no plan can be read."""


def links(plan: Plan) -> Links:
    """Return the links of a plan."""
    return _links(plan, getattr)


def links_of_document(plan: Mapping[str, Any]) -> Links:
    """Return the links of a plan, given as it is on disk. Raise KeyError or TypeError where it is none."""
    return _links(plan, getitem)


def _links(plan: Any, get: Callable[[Any, str], Any]) -> Links:
    """Return the links of a plan whose fields ``get`` returns by name."""
    bound = {get(each, "name"): (get(each, "process"), get(each, "socket")) for each in get(plan, "endpoints")}
    peers: dict[str, list[Peer]] = {get(each, "name"): [] for each in get(plan, "processes")}
    external: list[ExternalLink] = []
    shared: dict[tuple[str, str, str], Peer] = {}
    for process in get(plan, "processes"):
        name = get(process, "name")
        for socket in get(process, "sockets"):
            own = get(socket, "name")
            for link in get(socket, "connects"):
                edge, endpoint = get(link, "edge"), get(link, "endpoint")
                binder, other = bound[endpoint]
                if not binder:
                    external.append(ExternalLink(name, edge, endpoint, binds=False))
                    continue
                key = own, edge, endpoint  # the same of all replicas: one object for them
                if key not in shared:
                    shared[key] = Peer(own, edge, binder, other, endpoint, binds=False)
                peers[name].append(shared[key])
                peers[binder].append(Peer(other, edge, name, own, endpoint, binds=True))
    nodes = set(get(plan, "external"))
    for edge in get(plan, "edges"):
        if any(match[0] in nodes for each in get(edge, "connect") if (match := NODE.match(each))):
            ends = [(name, bound[name][0]) for name in get(edge, "endpoints")]
            external += [
                ExternalLink(process, get(edge, "name"), name, binds=True) for name, process in ends if process
            ]
    return Links(peers, external, {name: process for name, (process, _) in bound.items() if process})
