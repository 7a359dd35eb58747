"""The topology: what the files declare, validated and frozen, with short forms written out and variables replaced.

The shaper makes plain data of these very types, so the model is strict and converts nothing: it judges. What a field
takes, in the words of the language, is its ``Expectation``.
"""

import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, create_model

from orchestrator.compat import without_pydantic_plugins
from orchestrator.topology.devices import DEVICES
from orchestrator.topology.diagnostics.diagnostic import Fix
from orchestrator.topology.fixes import meant, without_edge
from orchestrator.topology.names import ITEM, NAME, NAMES
from orchestrator.topology.parse.document import Document, Turned
from orchestrator.topology.parse.position import Path, Position
from orchestrator.topology.provenance import provenance
from orchestrator.zeromq.quantities import DURATION, SIZE


class Expectation(NamedTuple):
    """What a value may be, for people."""

    text: str


Text = Annotated[str, Field(pattern=r"\A[^\x00]*\z"), Expectation("text")]
Seconds = Annotated[float, Field(ge=0), Expectation(DURATION)]
Bytes = Annotated[int, Field(gt=0), Expectation(SIZE)]
Name = Annotated[str, Field(pattern=rf"\A{NAME}\z")]
Item = Annotated[str, Field(pattern=rf"\A{ITEM}\z")]
Command = str | tuple[str, ...]
EnvName = Annotated[str, Field(pattern=r"\A[^=\x00]+\z")]
Condition = Literal["started", "ready", "done"]


class StrictModel(BaseModel):
    """A part of a topology: frozen, strict, without unknown keys.

    Defaults are constructed, not validated: that would build a validator for each part, and most are used in one alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    @classmethod
    def validate(cls, shaped: Mapping[str, Any]) -> Self:
        """Return the part that plain data declares. Raise ValidationError."""
        with without_pydantic_plugins():  # the first call builds the validator
            return cls.model_validate(shaped)


class Restart(StrictModel):
    """When and how often a process starts anew; times in seconds, ``max_attempts`` None means unlimited."""

    policy: Literal["always", "on-failure", "never"] = "on-failure"
    delay: Seconds = 0.1
    max_delay: Seconds = 30.0
    max_attempts: Annotated[int | None, Field(ge=0), Expectation("a whole number, or unlimited")] = 5
    window: Seconds = 60.0


class Ready(StrictModel):
    """What makes a process ready, asked every ``interval`` and within ``within`` seconds: one of the six is given."""

    library: bool = False
    listening: bool = False
    notify: bool = False
    command: Annotated[Command | None, Expectation("text, or a list of texts")] = None
    http: Annotated[Text | None, Expectation("a URL")] = None
    log: Annotated[Text | None, Expectation("a regular expression")] = None
    interval: Seconds = 1.0
    within: Seconds = 60.0

    @property
    def how(self) -> Literal["library", "listening", "notify", "command", "http", "log"]:
        """What makes the process ready."""
        if self.command is not None:
            return "command"
        if self.http is not None:
            return "http"
        if self.log is not None:
            return "log"
        return "notify" if self.notify else "listening" if self.listening else "library"


class Live(StrictModel):
    """What shows that a process still lives: a command, a URL, else its main thread's answer. Times in seconds."""

    command: Annotated[Command | None, Expectation("text, or a list of texts")] = None
    http: Annotated[Text | None, Expectation("a URL")] = None
    interval: Seconds = 5.0
    timeout: Seconds = 30.0
    retries: Annotated[int, Field(ge=1), Expectation("a whole number, 1 or more")] = 3


class Stop(StrictModel):
    """How a process is stopped: by draining, else by a signal; after ``grace`` seconds it is killed."""

    signal: Literal["TERM", "INT", "QUIT", "HUP", "USR1", "USR2", "KILL"] = "TERM"
    grace: Seconds = 10.0
    drain: bool = True


class Limits(StrictModel):
    """What a process may use: resident ``memory`` in bytes is watched, the rest are limits of setrlimit(2)."""

    memory: Bytes | None = None
    nofile: Annotated[int | None, Field(ge=1), Expectation("a whole number, 1 or more")] = None
    memlock: Annotated[int | Literal["unlimited"] | None, Expectation("a size such as 64MiB, or unlimited")] = None
    core: Annotated[int | Literal["unlimited"] | None, Expectation("a size such as 64MiB, 0, or unlimited")] = None


class Cpu(StrictModel):
    """Where and how urgently a process runs; ``realtime`` is a priority of SCHED_FIFO (sched(7))."""

    cores: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Expectation("a number of a core, or a list of them")] = ()
    nice: Annotated[int | None, Field(ge=-20, le=19), Expectation("a whole number, -20 to 19")] = None
    realtime: Annotated[int | None, Field(ge=1, le=99), Expectation("a whole number, 1 to 99")] = None


class Resources(StrictModel):
    """What an engine of many hosts places a process by; on one machine only another ``host`` matters."""

    cpu: Annotated[float | None, Field(ge=0), Expectation("a number")] = None
    memory: Bytes | None = None
    gpu: Annotated[float | None, Field(ge=0), Expectation("a number")] = None
    host: Text | None = None
    labels: Annotated[dict[str, Text], Expectation("a mapping from names to text")] = Field(default_factory=dict)


_NO_RESOURCES = Resources.model_construct()


class Lint(StrictModel):
    """Which rules the linter follows in this file."""

    ignore: Annotated[tuple[Text, ...], Expectation("a code such as Z101, or a list of them")] = ()
    select: Annotated[tuple[Text, ...], Expectation("a code such as Z101, or a list of them")] = ()


class Logs(StrictModel):
    """How much is kept of what one process writes: bytes a file, and how many files."""

    max_size: Bytes = 10 * 1024 * 1024
    files: Annotated[int, Field(ge=1, le=1000), Expectation("a whole number, 1 to 1000")] = 3


class Socket(StrictModel):
    """A declared socket.

    ``options`` are as libzmq takes them, in its units; a value that differs by process is still text. ``subscribe`` is
    None where nothing is written, and empty where the program subscribes by itself.
    """

    type: str
    options: dict[str, Any] = Field(default_factory=dict)
    subscribe: tuple[str | bytes, ...] | None = None


class NodeBase(StrictModel):
    """What nodes can have in common: also the node of ``defaults``."""

    args: Annotated[dict[str, Any], Expectation("a mapping from the callable's arguments to values")] = Field(
        default_factory=dict
    )
    env: Annotated[dict[EnvName, Text], Expectation("a mapping from names to text")] = Field(default_factory=dict)
    env_file: Annotated[tuple[Text, ...], Expectation("a path, or a list of them")] = ()
    working_dir: Text | None = None
    interpreter: Text | None = None
    stdin: Text | None = None
    kind: Literal["service", "job", "main"] = "service"
    critical: bool = False
    start: Literal["auto", "manual"] = "auto"
    restart: Annotated[Restart, Expectation("always, on-failure, never, or a mapping with policy, delay and so on")] = (
        Restart.model_construct()
    )
    ready: Annotated[
        Ready | None,
        Expectation(
            "library, listening, notify, or a mapping with one of library, listening, notify, command, http and log"
        ),
    ] = None
    live: Annotated[Live | None, Expectation("a mapping with command or http, or {}")] = None
    stop: Annotated[Stop, Expectation("a mapping with signal, grace and drain")] = Stop.model_construct()
    depends_on: Annotated[
        dict[str, Condition], Expectation("a list of nodes, or a mapping from nodes to started, ready or done")
    ] = Field(default_factory=dict)
    limits: Annotated[Limits, Expectation("a mapping with memory, nofile, memlock and core")] = Limits.model_construct()
    cpu: Annotated[Cpu, Expectation("a mapping with cores, nice and realtime")] = Cpu.model_construct()
    resources: Annotated[Resources, Expectation("a mapping with cpu, memory, gpu, host and labels")] = Field(
        default_factory=lambda: _NO_RESOURCES  # as a default it would be copied for each node: it holds a mapping
    )
    profiles: Annotated[tuple[Name, ...], Expectation("a name, or a list of them")] = ()
    speaks: Annotated[
        tuple[Literal["batch", "retry", "durable", "replay"], ...],
        Expectation("batch, retry, durable or replay, or a list of them"),
    ] = ()


class Node(NodeBase):
    """A declared program: exactly one of ``python``, ``command``, ``device`` and ``external``.

    ``replicas`` None means that nothing is written: one process, named as the node. ``each`` maps the items of the
    processes to their values; of a list each item is its own value. ``command`` as text still has to be split, after
    the variables of the process are replaced in its words. ``folder`` is the absolute one of the file that names the
    program; ``working_dir`` and ``env_file`` are absolute too, but for variables of the process in them.
    """

    python: Annotated[str | None, Expectation("module:callable")] = None
    command: Annotated[str | tuple[str, ...] | None, Expectation("text, or a list of texts")] = None
    device: Literal["forwarder", "queue", "streamer", "last-value-cache", "recorder", "replayer"] | None = None
    external: bool = False
    replicas: Annotated[int | None, Field(ge=0, le=100_000), Expectation("a whole number, 0 to 100000")] = None
    each: Annotated[dict[Item, Any] | None, Expectation("a list of scalars, or a mapping")] = None
    public_key: Text | None = None
    sockets: Annotated[dict[Name, Socket], Expectation("a mapping from names to sockets")] = Field(default_factory=dict)
    folder: str = ""

    @property
    def count(self) -> int:
        """How many processes it has."""
        return len(self.each) if self.each is not None else 1 if self.replicas is None else self.replicas

    @property
    def callable(self) -> str | None:
        """What is called in our own process: that of ``python``, or of the device; None for other programs."""
        return self.python if self.device is None else DEVICES[self.device].python

    @property
    def words(self) -> tuple[str, ...]:
        """The command, split as a shell would; empty where it has none."""
        return tuple(shlex.split(self.command)) if isinstance(self.command, str) else self.command or ()

    @property
    def program(self) -> str:
        """The first word of the command; empty where it has none."""
        return next(iter(self.words), "")


class Pairing(StrictModel):
    """Which binding process a connecting process goes to; ``arity`` is of a tree, ``pairs`` by number or item."""

    kind: Literal["all", "same", "spread", "others", "ring", "tree", "pairs"]
    arity: Annotated[int, Field(ge=1), Expectation("a whole number, 1 or more")] = 2
    pairs: Annotated[
        tuple[tuple[int | str, int | str], ...], Expectation("a list of [bind, connect], each a number or an item")
    ] = ()


class Batch(StrictModel):
    """When a frame that small messages share is full; ``delay``, in seconds, is how long one of them may wait."""

    messages: Annotated[int, Field(ge=1, le=1_000_000), Expectation("a whole number, 1 or more")] = 256
    bytes: Bytes = 64 * 1024
    delay: Seconds = 0.001


_FROM: dict[str, Any] = {"from": (Literal["latest", "beginning", "last-value"], "latest")}
_Begins: Any = create_model("_Begins", __base__=StrictModel, **_FROM)
"""A keyword of Python's, which no class can have as the name of a field otherwise."""


class Delivery(_Begins):  # type: ignore[misc]
    """What an edge adds to ZeroMQ, times in seconds. Of retry: how long one attempt of a request lasts, how many there
    are, and whether servers know a request again. Of durable: how often what was sent is synced, bytes of the journal,
    what happens when it is full, and when another receiver gets what one that is gone has left. Of replay: where a
    subscriber begins that is new, and how much is kept, a float of seconds or a whole number of bytes.
    """

    kind: Literal["plain", "retry", "durable", "replay"] = "plain"
    timeout: Seconds = 2.0
    attempts: Annotated[int, Field(ge=1, le=1_000_000), Expectation("a whole number, 1 or more")] = 5
    deduplicate: bool = False
    fsync: Annotated[Seconds | Literal["always", "never"], Expectation("a duration such as 100ms, always or never")] = (
        0.1
    )
    max_size: Annotated[int, Field(ge=1024 * 1024), Expectation("a size, 1MiB or more")] = 10 * 1024**3
    on_full: Literal["block", "error"] = "block"
    reassign_after: Seconds = 10.0
    keep: Annotated[
        Annotated[float, Field(gt=0)] | Annotated[int, Field(ge=1024 * 1024)],
        Expectation("a duration such as 1h, or a size, 1MiB or more"),
    ] = 1024**3


class EdgeDefaults(StrictModel):
    """What edges can have in common."""

    transport: Literal["auto", "ipc", "tcp"] = "auto"
    pairing: Annotated[
        Pairing | None, Expectation("all, same, spread, others, ring, tree, or a mapping with kind and arity or pairs")
    ] = None
    batch: Annotated[Batch | None, Expectation("off, or a mapping with messages, bytes and delay")] = None
    delivery: Annotated[
        Delivery | None, Expectation("plain, retry, durable, replay, or a mapping with kind and what belongs to it")
    ] = None


class Edge(EdgeDefaults):
    """Which sockets bind and which connect to them; ``pairing`` None means that nothing is written."""

    bind: Annotated[tuple[str, ...], Expectation("node.socket, or a list of them")]
    connect: Annotated[tuple[str, ...], Expectation("node.socket, or a list of them")]
    endpoint: Annotated[str | None, Expectation("an address such as tcp://*:5600")] = None


class Defaults(StrictModel):
    """What is so for every node and edge that does not say otherwise; those of sockets are in their options."""

    node: NodeBase = NodeBase.model_construct()
    edge: EdgeDefaults = EdgeDefaults.model_construct()


class TemplatesAndDefaults(StrictModel):
    """What nodes and edges start from, judged apart: a topology has it in them.

    Templates are judged as nodes are; what they lack, a node that extends them may have.
    """

    templates: Annotated[dict[Name, Node], Expectation("a mapping from names to bodies of nodes")] = Field(
        default_factory=dict
    )
    defaults: Annotated[Defaults, Expectation("a mapping with node, edge and socket")] = Defaults.model_construct()


class Topology(StrictModel):
    """One mesh as its files declare it. ``files`` are named as the user gave them."""

    name: Annotated[Name, Expectation(NAMES)]
    files: tuple[str, ...] = ()
    version: Annotated[int, Field(ge=1, le=1), Expectation("1, the only version of the language")] = 1
    nodes: Annotated[dict[Name, Node], Expectation("a mapping from names to nodes")] = Field(default_factory=dict)
    edges: Annotated[dict[Name, Edge], Expectation("a mapping from names to edges")] = Field(default_factory=dict)
    logs: Annotated[Logs, Expectation("a mapping with max_size and files")] = Logs.model_construct()
    lint: Annotated[Lint, Expectation("a mapping with ignore and select")] = Lint.model_construct()

    _document: Document = PrivateAttr(default_factory=lambda: Document(""))

    @property
    def variables(self) -> bool:
        """Whether there can be a variable of a process anywhere."""
        return self._document.variables or not self._document.data

    def where(self, *path: str | int) -> Position:
        """Return where a key path is written: its last key, or the nearest around it. Values from variables stand
        where they are used.
        """
        return self._document.where(path)

    def where_value(self, *path: str | int) -> Position:
        """Return where the value of a key path is written."""
        return self._document.where(path, value=True)

    def provenance(self, path: Sequence[str | int]) -> str:
        """Return where a value comes from, over what, and by which variables; empty where no file says it."""
        socket = None
        if path[0] == "nodes" and path[2:3] == ("sockets",) and len(path) > 3:
            socket = self.nodes[str(path[1])].sockets.get(str(path[3]))
        return provenance(self._document, tuple(path), socket.type if socket else "")

    @property
    def sources(self) -> tuple[str, ...]:
        """All files that it was read from, those that others include too; ``-`` is standard input."""
        return tuple(self._document.folders)

    @property
    def turned(self) -> Mapping[str, Turned]:
        """The nodes that files laid over one another made external, or programs."""
        return self._document.turned

    @property
    def replaced(self) -> Mapping[tuple[str, str, str], Position]:
        """References of edges that a file laid over another took out of a list, by edge, side and reference."""
        return self._document.replaced

    @property
    def unknown(self) -> Collection[Path]:
        """The key paths of values that are not known, since a variable is missing."""
        return self._document.unknown

    def meant(
        self, path: Sequence[str | int], word: str, known: Iterable[str], *, key: bool = False, start: int = 0
    ) -> tuple[str, Fix | None]:
        """Suggest the known word that is nearest to one at a key path, and return what puts it there."""
        return meant(self._document, tuple(path), word, known, key=key, start=start)

    def without_edge(self, name: str, same: str) -> Fix | None:
        """Return what removes an edge that says no more than another one; None where that is not safe."""
        return without_edge(self._document, name, same)

    def written(self, *path: str | int) -> Any:
        """Return what stands at a key path before variables are replaced; None where nothing does."""
        return self._document.at(path)
