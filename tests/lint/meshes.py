"""Random sound topologies, and what can be added to them, as Python data: JSON is YAML."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

FIRST_PORT, LAST_PORT = 5000, 30000

PATTERNS = {
    "PUB": "SUB",
    "XPUB": "SUB",
    "PUSH": "PULL",
    "REP": "REQ",
    "ROUTER": "DEALER",
    "PULL": "PUSH",
    "DEALER": "REP",
    "PAIR": "PAIR",
}
"""Types that bind, and what connects to them."""


@dataclass
class Mesh:
    """A topology that grows; ``files`` are programs beside it."""

    nodes: dict[str, Any] = field(default_factory=dict)
    edges: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    ports: int = FIRST_PORT
    name: str = "mesh"
    include: str = ""

    def node(self, sockets: dict[str, Any] | None = None, **keys: Any) -> str:
        """Add a node; give its name."""
        name = keys.pop("name", None) or f"node{len(self.nodes)}"
        program = {} if {"command", "external", "python"} & keys.keys() else {"python": f"no_{name}:main"}
        self.nodes[name] = {**program, **keys, "sockets": {key: socket(each) for key, each in (sockets or {}).items()}}
        return str(name)

    def edge(self, bind: Any, connect: Any, **keys: Any) -> str:
        """Add an edge; give its name."""
        name = f"edge{len(self.edges)}"
        self.edges[name] = {"bind": bind, "connect": connect, **keys}
        return name

    def pair(self, bind: Any, connect: Any, **keys: Any) -> tuple[str, str, str]:
        """Add two nodes that an edge joins; give the names of the binding node, the connecting one and the edge."""
        one, other = self.node({"out": bind}), self.node({"into": connect})
        return one, other, self.edge(f"{one}.out", f"{other}.into", **keys)

    def port(self) -> int:
        """Give a port that nothing else uses."""
        self.ports += 1
        return self.ports

    def text(self) -> str:
        """Give the topology as text."""
        include = {"include": self.include} if self.include else {}
        return json.dumps({"name": self.name, **include, "nodes": self.nodes, "edges": self.edges}, indent=1)


def socket(declared: Any) -> Any:
    """Give a declaration that is sound: a SUB subscribes to everything unless it says otherwise."""
    return {"type": "SUB", "subscribe": ""} if declared == "SUB" else declared


@st.composite
def sound(draw: st.DrawFn) -> Mesh:
    """Draw a topology in which nothing is wrong."""
    mesh = Mesh()
    for _ in range(draw(st.integers(0, 4))):
        bind = draw(st.sampled_from(sorted(PATTERNS)))
        one, others = mesh.node({"out": _socket(draw, bind)}, **_keys(draw)), []
        several = bind not in ("PAIR", "DEALER")
        for _ in range(draw(st.integers(1, 3)) if several else 1):
            replicas = {"replicas": draw(st.integers(0, 12))} if several and draw(st.booleans()) else {}
            others.append(mesh.node({"into": _socket(draw, PATTERNS[bind])}, **replicas, **_keys(draw)))
        edge = mesh.edge(f"{one}.out", [f"{other}.into" for other in others])
        tcp = [{"transport": "tcp"}, {"endpoint": f"tcp://127.0.0.1:{mesh.port()}"}]
        known = [each | {"security": "none"} for each in tcp]
        mesh.edges[edge] |= draw(st.sampled_from([{}, *known, {"pairing": "all"}]))
    return mesh


def _socket(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    options: dict[str, Any] = {"type": kind}
    if kind == "SUB":
        options["subscribe"] = draw(st.lists(st.text("abc ", min_size=1, max_size=3), max_size=5, unique=True))
    if draw(st.booleans()):
        options["linger"] = draw(st.sampled_from([0, "1s", "5s"]))
    if draw(st.booleans()):
        options[draw(st.sampled_from(["sndhwm", "rcvhwm"]))] = draw(st.integers(10, 100_000))
    return options


def _keys(draw: st.DrawFn) -> dict[str, Any]:
    choices: dict[str, Any] = {
        "kind": draw(st.sampled_from(["service", "job", "main"])),
        "restart": draw(st.sampled_from(["on-failure", "never"])),
        "stop": {"grace": draw(st.sampled_from(["6s", "10s"]))},
        "env": {"LEVEL": "info", "TOKEN_FILE": "/run/token"},
        "args": {"rate": draw(st.integers(0, 9))},
    }
    return {key: choices[key] for key in draw(st.sets(st.sampled_from(sorted(choices))))}
