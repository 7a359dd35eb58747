"""What edges say: which sockets they join, and where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from orchestrator.topology.check.shapes import UNKNOWN, Bodies, bodies, items_of
from orchestrator.topology.collector import Diagnostics
from orchestrator.topology.diagnostics.diagnostic import Fix
from orchestrator.topology.fixes import respelled
from orchestrator.topology.merge.variables import LIVE, PER_ITEM
from orchestrator.topology.parse.position import Path
from orchestrator.zeromq import endpoints

_NUMBER = re.compile(r"0|[1-9][0-9]{0,5}")


class EdgeChecks:
    """What edges say: which sockets they join, and where."""

    def __init__(
        self, shaped: Mapping[str, Any], nodes: Bodies, types: Mapping[str, str | None], findings: Diagnostics
    ) -> None:
        self._edges = bodies(shaped.get("edges"))
        self._all = shaped.get("nodes")
        self._nodes, self._types, self._findings = nodes, types, findings
        self._external = {name for name, node in nodes.items() if node.get("external")}
        self._several = {name for name, node in nodes.items() if "replicas" in node or "each" in node}

    def check(self) -> None:
        """Look at every edge; of large meshes nearly all of them are right, and soon done with."""
        for name, edge in self._edges.items():
            binding = self._ends(name, "bind", edge.get("bind"))
            connecting = self._ends(name, "connect", edge.get("connect"))
            if self._external:
                self._outside(name, edge, [*binding, *connecting])
            if "pairing" in edge:
                self._pairing(name, edge["pairing"])
            elif self._several:
                self._unpaired(name, binding, connecting)
            if "endpoint" in edge:
                self._endpoint(name, edge, binding)
            if edge.get("bind") == () or (edge.get("connect") == () and "endpoint" not in edge):
                self._empty(name, edge)

    def _ends(self, edge: str, side: str, ends: Any) -> dict[str, str | None]:
        """Return the types of the sockets at one side, by node.socket; of those that are there."""
        if ends.__class__ is not tuple:
            return {}
        found: dict[str, str | None] = {}
        for number, end in enumerate(ends):
            kind = self._types.get(end, UNKNOWN) if end.__class__ is str else None
            if kind is UNKNOWN:
                kind = self._process(edge, side, number, end)
            if end.__class__ is str and kind is not UNKNOWN:
                if end in found:
                    message = f"{end} stands twice"
                    self._findings.add("S012", self._place(edge, side, number), message, "", "remove one")
                found[end] = kind
        return found

    def _place(self, edge: str, side: str, number: int) -> Path:
        listed = isinstance(self._findings.document.at(("edges", edge, side)), list)
        return ("edges", edge, side, number) if listed else ("edges", edge, side)

    def _process(self, edge: str, side: str, number: int, end: str) -> Any:
        """Return the type of a socket of one process; note an end that is none of ours."""
        path = self._place(edge, side, number)
        name, dot, socket = end.partition(".")
        owner, member = self._owner(name)
        if not dot:
            hint, fix = self._only_socket(name, path)
            self._findings.add("Z102", path, f"{self._findings.shown(path)} names no socket", "node.socket", hint, fix)
        elif not isinstance(self._all, dict) or owner not in self._all:
            message = f"there is no node {name[:70]!r}"
            hint, fix = self._findings.meant(path, name, self._nodes)
            self._findings.add("Z102", path, message, "node.socket or process.socket", hint, fix)
        elif f"{owner}.{socket}" not in self._types:
            having = self._sockets(owner)
            hint, fix = self._findings.meant(path, socket, having, start=len(name) + 1)
            hint = hint or (f"it has {', '.join(having[:20])}" if having else "it has none")
            if owner in self._nodes and self._nodes[owner].get("sockets", {}).__class__ is dict:
                self._findings.add("Z102", path, f"{owner} has no socket {socket[:70]!r}", "", hint, fix)
        elif member and (known := self._not_among(owner, member)):
            self._findings.add("Z102", path, f"there is no process {name[:70]}", known)
        else:
            return self._types[f"{owner}.{socket}"]
        return UNKNOWN

    def _only_socket(self, node: str, path: Path) -> tuple[str, Fix | None]:
        """Suggest the socket of a node that has one alone; that is what its bare name must mean."""
        having = self._sockets(node)
        if len(having) != 1:
            return "", None
        end = f"{node}.{having[0]}"
        fix = respelled(self._findings.document, path, node, end)
        return f"did you mean {end}?", fix and Fix(fix.edits)

    def _sockets(self, node: str) -> list[str]:
        sockets = self._nodes.get(node, {}).get("sockets")
        return list(sockets) if isinstance(sockets, dict) else []

    def _owner(self, name: str) -> tuple[str, str]:
        """Return the node that a name means, and which process of it; both may hold hyphens, so all ends are tried."""
        if name in self._nodes:
            return name, ""
        owner, member = name, ""
        at = name.rfind("-")
        while at > 0:
            node = self._nodes.get(name[:at], {})
            if name[at + 1 :] in items_of(node):
                return name[:at], name[at + 1 :]
            if ("replicas" in node and _NUMBER.fullmatch(name, at + 1)) or ("each" in node and not member):
                owner, member = name[:at], name[at + 1 :]
            at = name.rfind("-", 0, at)
        return owner, member

    def _not_among(self, node: str, member: str) -> str:
        """Return the processes that a node has, where this one is none of them."""
        if "each" in self._nodes[node]:
            items = items_of(self._nodes[node])
            known = [f"{node}-{item}" for item in list(items)[:20]]
            return "" if member in items else f"one of {', '.join(known)}" if known else "a process; each has no items"
        count = self._nodes[node]["replicas"]
        if not isinstance(count, int) or int(member) < count:
            return ""
        return f"{node}-0 to {node}-{count - 1}" if count > 1 else f"{node}-0" if count else "a process; replicas is 0"

    def _outside(self, name: str, edge: Mapping[str, Any], ends: list[str]) -> None:
        """Note an edge that joins external nodes alone, or does not say where they are."""
        outside = [end for end in ends if end.partition(".")[0] in self._external]
        if outside and len(outside) == len(ends) and len(ends) > 1:
            self._findings.add("S033", ("edges", name, "bind"), "joins external nodes alone", "a node that is ours")
        elif outside and "endpoint" not in edge:
            message = f"endpoint is missing: {outside[0].partition('.')[0]} is external, so nothing else says where"
            expected = 'endpoint: "tcp://HOST:PORT"'
            self._findings.add("Z116", ("edges", name), message, expected, key=True)

    def _unpaired(self, name: str, binding: Mapping[str, Any], connecting: Mapping[str, Any]) -> None:
        bound = next((end for end in binding if end.partition(".")[0] in self._several), "")
        connected = next((end for end in connecting if end.partition(".")[0] in self._several), "")
        if bound and connected:
            sides = " and ".join(dict.fromkeys(end.partition(".")[0] for end in (bound, connected)))
            message = f"pairing is missing: there are several processes on both sides ({sides})"
            expected = "pairing: all, same, spread, others, ring, tree or pairs"
            self._findings.add("Z114", ("edges", name), message, expected, key=True)

    def _pairing(self, name: str, pairing: Any) -> None:
        """Note what belongs to another kind of pairing."""
        if not isinstance(pairing, dict):
            return
        kind, path = pairing.get("kind"), ("edges", name, "pairing")
        for key, owner in (("arity", "tree"), ("pairs", "pairs")):
            if key in pairing and isinstance(kind, str) and kind != owner:
                self._findings.add("S015", (*path, key), f"{kind} takes no {key}", f"it with kind: {owner}", key=True)
        if kind == "pairs" and not pairing.get("pairs"):
            self._findings.add("S013", path, "pairs is missing", "{kind: pairs, pairs: [[bind, connect], ...]}")

    def _endpoint(self, name: str, edge: Mapping[str, Any], binding: Mapping[str, Any]) -> None:
        if "transport" in edge:
            message = "transport and endpoint exclude one another"
            self._findings.add("S015", ("edges", name, "transport"), message, "one of them", key=True)
        text = edge["endpoint"]
        if isinstance(text, str) and "${" in text:
            self._varying(name, text, binding)
        elif isinstance(text, str):
            try:
                endpoints.parse(text)
            except ValueError as error:
                code = "Z202" if isinstance(error, endpoints.TooLong) else "Z205"
                self._findings.add(code, ("edges", name, "endpoint"), str(error))

    def _varying(self, name: str, text: str, binding: Mapping[str, Any]) -> None:
        """Note an item's variable in the endpoint of a socket whose node has no items."""
        for dollar, variable in LIVE.findall(text):
            nodes = [self._owner(end.partition(".")[0])[0] for end in binding]
            node = next((node for node in nodes if "each" not in self._nodes.get(node, {})), "")
            if node and not dollar and variable.partition(".")[0] in PER_ITEM:
                message = f"${{{variable}}} is known only under `each`, and {node} has none"
                self._findings.add("S020", ("edges", name, "endpoint"), message)

    def _empty(self, name: str, edge: Mapping[str, Any]) -> None:
        if edge.get("bind") == ():
            self._findings.add("S033", ("edges", name, "bind"), "nothing binds", "one node.socket")
        else:
            hint = "an empty list, for peers that are not ours, needs an endpoint"
            self._findings.add("S033", ("edges", name, "connect"), "nothing connects", "node.socket", hint)
