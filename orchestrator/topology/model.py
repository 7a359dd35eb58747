"""The topology: what the files declare, validated and frozen, with short forms written out and variables replaced.

The shaper makes plain data of these very types, so the model is strict and converts nothing: it judges. What a field
takes, in the words of the language, is its ``Expected``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from orchestrator.topology.source import Document, Position
from orchestrator.zeromq.quantities import DURATION, SIZE


@dataclass(frozen=True, slots=True)
class Expected:
    """What a value may be, for people."""

    text: str


Text = Annotated[str, Field(pattern=r"\A[^\x00]*\z"), Expected("text")]
Seconds = Annotated[float, Field(ge=0), Expected(DURATION)]
Bytes = Annotated[int, Field(gt=0), Expected(SIZE)]
Name = Annotated[str, Field(pattern=r"\A[a-z][a-z0-9_-]{0,62}\z")]
EnvName = Annotated[str, Field(pattern=r"\A[^=\x00]+\z")]
Condition = Literal["started", "ready", "done"]


class Part(BaseModel):
    """A part of a topology: frozen, strict, without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Restart(Part):
    """When and how often a process starts anew; times in seconds, ``max_attempts`` None means unlimited."""

    policy: Literal["always", "on-failure", "never"] = "on-failure"
    delay: Seconds = 0.1
    max_delay: Seconds = 30.0
    max_attempts: Annotated[int | None, Field(ge=0), Expected("a whole number, or unlimited")] = 5
    window: Seconds = 60.0


class Ready(Part):
    """What makes a process ready, and within how many seconds: one of the three is true."""

    wired: bool = False
    listening: bool = False
    notify: bool = False
    within: Seconds = 60.0

    @property
    def how(self) -> Literal["wired", "listening", "notify"]:
        """What makes the process ready."""
        return "notify" if self.notify else "listening" if self.listening else "wired"


class Stop(Part):
    """How a process is stopped: by draining, else by a signal; after ``grace`` seconds it is killed."""

    signal: Literal["TERM", "INT", "QUIT", "HUP", "USR1", "USR2", "KILL"] = "TERM"
    grace: Seconds = 10.0
    drain: bool = True


class Logs(Part):
    """How much is kept of what one process writes: bytes a file, and how many files."""

    max_size: Bytes = 10 * 1024 * 1024
    files: Annotated[int, Field(ge=1, le=1000), Expected("a whole number, 1 to 1000")] = 3


class Socket(Part):
    """A declared socket.

    ``options`` are as libzmq takes them, in its units; a value that differs by process is still text. ``subscribe`` is
    None where nothing is written, and empty where the program subscribes by itself.
    """

    type: str
    options: dict[str, Any] = Field(default_factory=dict)
    subscribe: tuple[str | bytes, ...] | None = None


class Common(Part):
    """What nodes can have in common: also the node of ``defaults``."""

    args: Annotated[dict[str, Any], Expected("a mapping from the callable's arguments to values")] = Field(
        default_factory=dict
    )
    env: Annotated[dict[EnvName, Text], Expected("a mapping from names to text")] = Field(default_factory=dict)
    working_dir: Text | None = None
    interpreter: Text | None = None
    stdin: Text | None = None
    kind: Literal["service", "job", "main"] = "service"
    critical: bool = False
    restart: Annotated[Restart, Expected("always, on-failure, never, or a mapping with policy, delay and so on")] = (
        Restart()
    )
    ready: Annotated[Ready | None, Expected("wired, listening, notify, or a mapping with one of these and within")] = (
        None
    )
    stop: Annotated[Stop, Expected("a mapping with signal, grace and drain")] = Stop()
    depends_on: Annotated[
        dict[str, Condition], Expected("a list of nodes, or a mapping from nodes to started, ready or done")
    ] = Field(default_factory=dict)


class Node(Common):
    """A declared program: exactly one of ``python``, ``command`` and ``external``.

    ``replicas`` None means that nothing is written: one process, named as the node. ``command`` as text still has to
    be split, after the variables of the process are replaced in its words. ``folder`` is the absolute one of the file.
    """

    python: Annotated[str | None, Expected("module:callable")] = None
    command: Annotated[str | tuple[str, ...] | None, Expected("text, or a list of texts")] = None
    external: bool = False
    replicas: Annotated[int | None, Field(ge=0, le=100_000), Expected("a whole number, 0 to 100000")] = None
    sockets: Annotated[dict[Name, Socket], Expected("a mapping from names to sockets")] = Field(default_factory=dict)
    folder: str = ""


class EdgeDefaults(Part):
    """What edges can have in common."""

    transport: Literal["auto", "ipc", "tcp"] = "auto"
    pairing: Literal["all", "same", "spread", "others"] | None = None


class Edge(EdgeDefaults):
    """Which sockets bind and which connect to them; ``pairing`` None means that nothing is written."""

    bind: Annotated[tuple[str, ...], Expected("node.socket, or a list of them")]
    connect: Annotated[tuple[str, ...], Expected("node.socket, or a list of them")]
    endpoint: Annotated[str | None, Expected("an address such as tcp://*:5600")] = None


class Defaults(Part):
    """What is so for every node and edge that does not say otherwise; those of sockets are in their options."""

    node: Common = Common()
    edge: EdgeDefaults = EdgeDefaults()


class Topology(Part):
    """One mesh as its files declare it. ``files`` are named as the user gave them."""

    name: Annotated[Name, Expected("[a-z][a-z0-9_-]*, at most 63 characters")]
    files: tuple[str, ...] = ()
    version: Annotated[int, Field(ge=1, le=1), Expected("1, the only version of the language")] = 1
    nodes: Annotated[dict[Name, Node], Expected("a mapping from names to nodes")] = Field(default_factory=dict)
    edges: Annotated[dict[Name, Edge], Expected("a mapping from names to edges")] = Field(default_factory=dict)
    logs: Annotated[Logs, Expected("a mapping with max_size and files")] = Logs()
    defaults: Annotated[Defaults, Expected("a mapping with node, edge and socket")] = Defaults()

    _document: Document = PrivateAttr(default_factory=lambda: Document(""))

    def where(self, *path: str | int) -> Position:
        """Give where a key path is written: its last key, or the nearest around it. Values from variables stand
        where they are used.
        """
        return self._document.where(path)

    def where_value(self, *path: str | int) -> Position:
        """Give where the value of a key path is written."""
        return self._document.where(path, value=True)
