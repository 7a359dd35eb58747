"""The plan: frozen data that says which processes run, which sockets they have and who binds and connects where.

It imports neither pydantic nor the topology, so that the supervisor can read a plan quickly. Its parts
are frozen for the type checker alone (``Final``): a frozen dataclass takes twice as long to define, and six times as
long to make.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Final, Literal

VERSION = 2
LOCAL = "localhost"
"""The host of every process until an engine places them."""

Kind = Literal["service", "job", "main"]
Condition = Literal["started", "ready", "done"]
Readiness = Literal["library", "listening", "notify", "command", "http", "log"]


class Part:
    """What the parts of a plan have in common: to write the methods of each takes longer than to read a plan."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Any]]

    def __eq__(self, other: object) -> bool:
        """Tell whether another part is of the same kind and says the same."""
        same = type(self) is type(other)
        return same and all(getattr(self, name) == getattr(other, name) for name in self.__dataclass_fields__)

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__dataclass_fields__)
        return f"{type(self).__name__}({fields})"


@dataclass(slots=True, eq=False, repr=False)
class Restart(Part):
    """When and how often a process starts anew. Times in seconds; ``max_attempts`` None means unlimited."""

    policy: Final[Literal["always", "on-failure", "never"]] = "on-failure"
    delay: Final[float] = 0.1
    max_delay: Final[float] = 30.0
    max_attempts: Final[int | None] = 5
    window: Final[float] = 60.0


@dataclass(slots=True, eq=False, repr=False)
class Ready(Part):
    """What makes a process ready, and within how many seconds; where it is asked, then every ``interval`` seconds."""

    how: Final[Readiness] = "library"
    within: Final[float] = 60.0
    interval: Final[float] = 1.0


@dataclass(slots=True, eq=False, repr=False)
class Live(Part):
    """How a process is asked whether it lives: every ``interval`` and for ``timeout`` seconds, ``retries`` times."""

    interval: Final[float] = 5.0
    timeout: Final[float] = 30.0
    retries: Final[int] = 3


@dataclass(slots=True, eq=False, repr=False)
class Probe(Part):
    """What shows that a process is ready, or lives: a command, a URL, or a regular expression in what it prints.

    ``${endpoint.NAME}`` and ``${endpoints.NAME}`` are still in command and URL.
    """

    command: Final[tuple[str, ...]] = ()
    http: Final[str] = ""
    log: Final[str] = ""


@dataclass(slots=True, eq=False, repr=False)
class Stop(Part):
    """How a process is stopped: by draining, else by a signal; ``grace`` in seconds, then SIGKILL."""

    signal: Final[str] = "TERM"
    grace: Final[float] = 10.0
    drain: Final[bool] = True


@dataclass(slots=True, eq=False, repr=False)
class ResourceLimits(Part):
    """What a process may use, and where and how urgently it runs; None is what the mesh has.

    ``memory`` in bytes is watched. ``nofile``, ``memlock`` and ``core`` are limits of setrlimit(2), -1 for none.
    ``cores`` are numbers, ``realtime`` a priority of SCHED_FIFO (sched(7)).
    """

    memory: Final[int | None] = None
    nofile: Final[int | None] = None
    memlock: Final[int | None] = None
    core: Final[int | None] = None
    cores: Final[tuple[int, ...]] = ()
    nice: Final[int | None] = None
    realtime: Final[int | None] = None


@dataclass(slots=True, eq=False, repr=False)
class Logs(Part):
    """How much is kept of what one process writes: bytes a file, and how many files."""

    max_size: Final[int] = 10 * 1024 * 1024
    files: Final[int] = 3


@dataclass(slots=True, eq=False, repr=False)
class Endpoint(Part):
    """One address that is bound, named once for all who use it.

    ``name`` is symbolic and unique: ``feed.ticks`` or ``bot-3.orders``, with ``@`` and a number behind it for a
    socket's second and later ones. ``transport`` is ``ipc`` (a path of that name in the run folder), ``tcp`` (a port
    the kernel chooses) or ``fixed`` (``address``, as it was written). ``address`` is what is bound, ``connect`` what
    peers connect to; both are empty until resolved for ipc and tcp. ``process`` is the binding process, empty where
    the node is external. ``peers`` counts the connecting processes of this mesh.
    """

    name: Final[str]
    transport: Final[Literal["ipc", "tcp", "fixed"]]
    address: Final[str]
    connect: Final[str]
    host: Final[str]
    node: Final[str]
    process: Final[str]
    socket: Final[str]
    peers: Final[int]


@dataclass(slots=True, eq=False, repr=False)
class Connection(Part):
    """One link's connecting end: the edge and the endpoint (its name)."""

    edge: Final[str]
    endpoint: Final[str]


@dataclass(slots=True, eq=False, repr=False)
class Socket(Part):
    """One socket of a process. ``options`` as the wiring has them; ``binds`` names endpoints.

    ``edges`` are those it takes part in, in the order of the file. ``batch`` as the wiring has it, with ``messages``,
    ``bytes`` and ``delay`` in seconds; None where each message travels alone. ``delivery`` is what its edges add, by
    ``kind`` and what belongs to that, times in seconds; None where they are plain.
    """

    name: Final[str]
    type: Final[str]
    options: Final[dict[str, Any]] = field(default_factory=dict)
    binds: Final[tuple[str, ...]] = ()
    connects: Final[tuple[Connection, ...]] = ()
    edges: Final[tuple[str, ...]] = ()
    batch: Final[dict[str, Any] | None] = None
    delivery: Final[dict[str, Any] | None] = None


@dataclass(slots=True, eq=False, repr=False)
class Process(Part):
    """One process: what differs between the processes of a node.

    ``command`` is empty for a python node. ``env`` holds what the file says, without the mesh's own variables;
    ``${endpoint.NAME}`` and ``${endpoints.NAME}`` are still in ``command`` and ``env``: addresses are resolved late.
    ``env_files`` are absolute paths of files that are read at each start: what they hold is in no plan. ``ready`` and
    ``live`` are None where nothing is asked from outside.
    """

    name: Final[str]
    node: Final[str]
    index: Final[int]
    count: Final[int]
    key: Final[str | None]
    host: Final[str]
    command: Final[tuple[str, ...]]
    args: Final[dict[str, Any]]
    env: Final[dict[str, str]]
    working_dir: Final[str]
    stdin: Final[str | None]
    sockets: Final[tuple[Socket, ...]]
    env_files: Final[tuple[str, ...]] = ()
    ready: Final[Probe | None] = None
    live: Final[Probe | None] = None


@dataclass(slots=True, eq=False, repr=False)
class Node(Part):
    """What the processes of one node share. ``python`` is ``module:callable``, empty for a command.

    ``library`` says that its processes use our library: they pass the gate and drain. ``search`` are folders that
    come first on the module path. ``interpreter`` is empty for ours. ``start`` is ``manual`` where a person starts its
    processes; nobody waits for them. ``bounds`` and ``live`` are None where
    nothing is written.
    """

    name: Final[str]
    python: Final[str]
    interpreter: Final[str]
    search: Final[tuple[str, ...]]
    library: Final[bool]
    kind: Final[Kind]
    critical: Final[bool]
    restart: Final[Restart]
    ready: Final[Ready]
    stop: Final[Stop]
    depends_on: Final[dict[str, Condition]]
    processes: Final[tuple[str, ...]]
    start: Final[Literal["auto", "manual"]] = "auto"
    bounds: Final[ResourceLimits | None] = None
    live: Final[Live | None] = None


@dataclass(slots=True, eq=False, repr=False)
class Edge(Part):
    """One edge after expansion: ``node.socket TYPE`` on either side, and how many links it has."""

    name: Final[str]
    bind: Final[tuple[str, ...]]
    connect: Final[tuple[str, ...]]
    pairing: Final[str]
    endpoints: Final[tuple[str, ...]]
    links: Final[int]


@dataclass(slots=True, eq=False, repr=False)
class Group(Part):
    """Nodes that drain together, once the groups in ``after`` (indices into the drain order) are gone."""

    nodes: Final[tuple[str, ...]]
    after: Final[tuple[int, ...]]


@dataclass(eq=False, repr=False)
class Plan(Part):
    """Everything decided about a mesh.

    ``waves`` are start waves: the nodes of one wave pass one gate together. ``drain`` goes from sources to sinks.
    ``off`` names the nodes that the chosen ``profiles`` leave out, each with those that would start it. ``declared``
    tells where nodes (``bot``) and their sockets (``bot.ticks``) are written, as file:line:column.
    """

    mesh: Final[str]
    files: Final[tuple[str, ...]]
    nodes: Final[tuple[Node, ...]]
    processes: Final[tuple[Process, ...]]
    endpoints: Final[tuple[Endpoint, ...]]
    edges: Final[tuple[Edge, ...]]
    waves: Final[tuple[tuple[str, ...], ...]]
    drain: Final[tuple[Group, ...]]
    logs: Final[Logs]
    external: Final[tuple[str, ...]] = ()
    profiles: Final[tuple[str, ...]] = ()
    off: Final[dict[str, tuple[str, ...]]] = field(default_factory=dict)
    declared: Final[Mapping[str, str]] = field(default_factory=dict)
    version: Final[int] = VERSION

    @cached_property
    def endpoint(self) -> dict[str, Endpoint]:
        """Endpoints by name."""
        return {endpoint.name: endpoint for endpoint in self.endpoints}

    @cached_property
    def node(self) -> dict[str, Node]:
        """Nodes by name."""
        return {node.name: node for node in self.nodes}

    @cached_property
    def process(self) -> dict[str, Process]:
        """Processes by name."""
        return {process.name: process for process in self.processes}

    @cached_property
    def connectors(self) -> dict[str, tuple[str, ...]]:
        """The sockets that connect to each endpoint, as process.socket."""
        found: dict[str, list[str]] = {}
        for process in self.processes:
            for socket in process.sockets:
                for link in socket.connects:
                    found.setdefault(link.endpoint, []).append(f"{process.name}.{socket.name}")
        return {endpoint: tuple(names) for endpoint, names in found.items()}

    @cached_property
    def circles(self) -> dict[str, str]:
        """The circle of each edge, the name of its first one: edges that share a socket, or lead through a queue.

        Who speaks on one of them speaks with all: what proves who it is has to be the same.
        """
        found = {edge.name: edge.name for edge in self.edges}
        for process in self.processes:
            queued = [
                edge for socket in process.sockets if socket.type in ("ROUTER", "DEALER") for edge in socket.edges
            ]
            for edges in (*(socket.edges for socket in process.sockets), queued):
                circles = {found[edge] for edge in edges}
                if len(circles) > 1:
                    first = min(circles)
                    found = {edge: first if circle in circles else circle for edge, circle in found.items()}
        return found

    @property
    def links(self) -> int:
        """How many links the mesh has."""
        return sum(edge.links for edge in self.edges)


def dump(plan: Plan) -> bytes:
    """Return a plan as JSON, the same bytes for the same plan."""
    import json  # here and below, since most who plan never write one

    return json.dumps(plan, default=_members, ensure_ascii=False, separators=(",", ":")).encode()


def load(text: bytes | str) -> Plan:
    """Read a plan from JSON. Raise ValueError where it is none, or of another version."""
    import json

    data = json.loads(text)
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise ValueError(f"not a plan of version {VERSION}")
    return Plan(
        mesh=data["mesh"],
        files=tuple(data["files"]),
        nodes=tuple(_node(item) for item in data["nodes"]),
        processes=tuple(_process(item) for item in data["processes"]),
        endpoints=tuple(Endpoint(**item) for item in data["endpoints"]),
        edges=tuple(Edge(**_tuples(item)) for item in data["edges"]),
        waves=tuple(tuple(wave) for wave in data["waves"]),
        drain=tuple(Group(**_tuples(item)) for item in data["drain"]),
        logs=Logs(**data["logs"]),
        external=tuple(data["external"]),
        profiles=tuple(data["profiles"]),
        off={name: tuple(profiles) for name, profiles in data["off"].items()},
        declared=data["declared"],
    )


def _members(part: Any) -> dict[str, Any]:
    if isinstance(part, Mapping):
        return dict(part)
    # Not asdict: it copies all that is below, and a large plan takes twice as long.
    return {name: getattr(part, name) for name in part.__dataclass_fields__}


def _tuples(item: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in item.items()}


def _node(item: dict[str, Any]) -> Node:
    parts: dict[str, Any] = {
        "restart": Restart(**item["restart"]),
        "ready": Ready(**item["ready"]),
        "stop": Stop(**item["stop"]),
    }
    if item["bounds"] is not None:
        parts["bounds"] = ResourceLimits(**_tuples(item["bounds"]))
    if item["live"] is not None:
        parts["live"] = Live(**item["live"])
    return Node(**(_tuples(item) | parts))


def _process(item: dict[str, Any]) -> Process:
    probes = {key: None if item[key] is None else Probe(**_tuples(item[key])) for key in ("ready", "live")}
    sockets = tuple(_socket(socket) for socket in item["sockets"])
    return Process(**(_tuples(item) | {"sockets": sockets} | probes))


def _socket(item: dict[str, Any]) -> Socket:
    return Socket(**(_tuples(item) | {"connects": tuple(Connection(**each) for each in item["connects"])}))
