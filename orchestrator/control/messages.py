"""What a supervisor answers to clients and what it writes for them: the shapes of the JSON documents.

The requests stand in ``verbs``. Of these documents people and programs get to see ``Info``, ``Status``, ``Edges``,
``Outcome`` and the events, so they stay what JSON makes of them.
"""

from typing import Any, Literal, NotRequired, TypedDict, final

Message = dict[str, Any]


class Info(TypedDict):
    """Who runs a mesh. ``plan`` is a digest of plan.json, ``since`` epoch seconds, ``problem`` what keeps it from
    writing down what happens; empty where nothing does.
    """

    mesh: str
    files: list[str]
    state: str
    pid: int
    keeper: int
    plan: str
    since: float
    problem: str


@final
class Handover(TypedDict):
    """The path of a launch order; ``again`` says that the mesh starts the process again after this one."""

    launch: str
    again: bool


@final
class Runs(TypedDict):
    """The state of a process that is not handed over, since it runs and may not be stopped."""

    state: str


class Order(TypedDict):
    """Groups of nodes in the order in which they drain."""

    order: list[list[str]]


class Acted(TypedDict):
    """The processes that something is done to, each with its generation that is to end, or to come."""

    processes: dict[str, int]


class Outcome(TypedDict):
    """A process as it is: ``status`` and ``reason`` are those of the last incarnation that ended.

    ``stopping`` says that it had been told to stop, ``killed`` that it did not in time. ``why`` says what keeps it from
    what was waited for, if another command or a dependency does; of one that was never started, why not.
    """

    state: str
    generation: int
    status: int | None
    stopping: bool
    killed: bool
    reason: str
    why: str


class Outcomes(TypedDict):
    """``pending`` are those that are not yet as wanted and may come to it by themselves, ``mesh`` is its phase.

    ``wanted`` are the generations that are waited for, to be asked for again. ``hindered`` says of those that were told
    to stop a while ago what keeps them, where that is known.
    """

    mesh: Literal["running", "draining", "ended"]
    pending: list[str]
    wanted: dict[str, int]
    hindered: NotRequired[dict[str, str]]
    processes: dict[str, Outcome]


class Link(TypedDict):
    """How many of a process's links on one edge are up."""

    up: int
    declared: int


class EdgeStatus(TypedDict):
    """One edge: ``bytes`` that have come over its connections so far, as far as the kernel counts them, and the bytes
    that wait in the kernel to be read.
    """

    links: Link
    transport: str
    bytes: int | None
    waiting: int


class Edges(TypedDict):
    """All edges, at a time in seconds of CLOCK_MONOTONIC."""

    time: float
    edges: dict[str, EdgeStatus]


class Exit(TypedDict):
    """How a process's last incarnation ended, also where another one runs. ``ago`` in seconds; ``reason`` is the last
    line that it wrote to standard error.
    """

    status: int | None
    signal: str | int | None
    ago: float
    reason: str | list[str] | None


class ProcessStatus(TypedDict):
    """One process: ``uptime`` in seconds, ``cpu`` in percent of one core, ``memory`` in bytes, both with
    the processes that it has started; ``count`` is how many they are together.

    ``since`` are the seconds that it has been in its state; of one that is unresponsive ``doing`` says what its main
    thread does. ``terminal`` says that it runs in one, or is being handed over to one. ``waits`` says for whom it
    waits, where only a person starts that one; ``unstarted`` why it has failed without a start.
    """

    name: str
    node: str
    state: str
    start: NotRequired[Literal["auto", "manual"]]
    terminal: NotRequired[bool]
    since: NotRequired[float]
    doing: NotRequired[str]
    waits: NotRequired[str]
    unstarted: NotRequired[str]
    pid: int | None
    generation: int
    restarts: int
    uptime: float | None
    exit: Exit | None
    count: NotRequired[int | None]
    cpu: float | None
    memory: int | None
    links: dict[str, Link]
    outside: NotRequired[dict[str, Link]]


class ProcessTold(TypedDict):
    """What a supervisor knows of a process, as in ProcessStatus; the last three are for the client alone.

    ``started`` is when, in seconds of CLOCK_MONOTONIC, ``mute`` whether it does not answer, and ``runs`` whether its
    program does.
    """

    name: str
    node: str
    state: str
    start: Literal["auto", "manual"]
    terminal: bool
    since: float
    waits: str
    unstarted: str
    pid: int | None
    generation: int
    restarts: int
    uptime: float | None
    exit: Exit | None
    started: float
    mute: bool
    runs: bool


@final
class Told(TypedDict):
    """What a supervisor answers to ``ps``; ``addresses`` are those that peers connect to, by endpoint."""

    version: int
    mesh: str
    files: list[str]
    state: str
    uptime: float
    problem: str
    addresses: dict[str, str]
    processes: list[ProcessTold]


@final
class Status(TypedDict):
    """The document of ``ps --format json``. ``uptime`` in seconds, ``problem`` as in Info.

    ``unlinked`` is why no links are known: the plan cannot be read.
    """

    version: int
    mesh: str
    files: list[str]
    state: str
    uptime: float
    problem: str
    unlinked: NotRequired[str]
    processes: list[ProcessStatus]


class Begin(TypedDict):
    """A run begins: how much there is to start, and how many of the links a gate waits for."""

    time: float
    event: Literal["begin"]
    mesh: str
    processes: int
    links: int
    gated: NotRequired[int]
    files: list[str]
    run: str


class Started(TypedDict):
    """A process was started; ``terminal``: by hand, in a terminal."""

    time: float
    event: Literal["started"]
    process: str
    pid: int
    generation: int
    terminal: NotRequired[bool]


class Gate(TypedDict):
    """The gate of a wave is open, ``seconds`` after the beginning; ``subscriptions`` are those seen, by PUB socket."""

    time: float
    event: Literal["gate"]
    wave: int
    seconds: float
    processes: int
    links: int
    subscriptions: dict[str, int]


class Ready(TypedDict):
    """A process is ready."""

    time: float
    event: Literal["ready"]
    process: str


class Up(TypedDict):
    """Everything is ready, ``seconds`` after the beginning."""

    time: float
    event: Literal["up"]
    seconds: float
    processes: int


class Exited(TypedDict):
    """A process ended after ``seconds``.

    ``status`` is its exit status, minus the signal that ended it, or None where nobody saw it. ``clean`` is an end as
    it should be, ``stopping`` says that it had been told to stop. ``reason`` are the last lines it wrote to stderr.
    With ``will`` restart, ``attempt`` of ``max_attempts`` (None: unlimited) comes after ``delay`` seconds.
    """

    time: float
    event: Literal["exited"]
    process: str
    generation: int
    status: int | None
    seconds: float
    reason: list[str]
    will: Literal["restart", "done", "failed", "stopped"]
    clean: bool
    stopping: bool
    attempt: int
    max_attempts: int | None
    delay: float


class Unstarted(TypedDict):
    """A process has failed without a start, since what it depends on has; ``reason`` names who that is."""

    time: float
    event: Literal["unstarted"]
    process: str
    reason: str


Waiting = TypedDict("Waiting", {"process": str, "for": str})
"""One process that the gate waits for, and what it lacks."""


class Blocked(TypedDict):
    """A gate is not open yet."""

    time: float
    event: Literal["blocked"]
    waiting: list[Waiting]


class Draining(TypedDict):
    """The mesh drains."""

    time: float
    event: Literal["draining"]
    order: list[list[str]]
    reason: str


class Killed(TypedDict):
    """A process was sent a signal because it did not end by itself."""

    time: float
    event: Literal["killed"]
    process: str
    signal: str
    text: str


class Note(TypedDict):
    """Something worth knowing."""

    time: float
    event: Literal["note"]
    text: str


class Outside(TypedDict):
    """Nobody answers at the address of an external node, or somebody does again; ``processes`` connect there."""

    time: float
    event: Literal["outside"]
    edge: str
    address: str
    up: bool
    processes: list[str]


class UnreadAt(TypedDict):
    """What nobody has read of a socket: so many messages, or so many bytes at least.

    ``way`` says whether the process had sent or received it, ``then`` whether it is lost, dropped (nobody waits for it)
    or kept in a journal. ``edge`` and ``peer``, process and socket at the other end, are empty where nobody knows.
    """

    socket: str
    edge: str
    peer: str
    way: Literal["sent", "received"]
    then: Literal["lost", "dropped", "kept"]
    messages: int | None
    bytes: int


class Unread(TypedDict):
    """A process has closed its sockets, and something is unread."""

    time: float
    event: Literal["unread"]
    process: str
    generation: int
    unread: list[UnreadAt]


class InFlight(TypedDict):
    """What was on its way when the processes of a mesh left.

    ``lost`` names those that lost so many ``messages``, and ``bytes`` of others, at least; ``keepers`` those in whose
    journals so many ``kept`` messages stay. ``unknown`` maps the reasons why nothing is known to processes: they ended
    by a ``signal``, have ``failed``, were ``absent``, ``dropped`` what they had, are a ``command`` that does not tell,
    or were ``unseen``.
    """

    lost: list[str]
    messages: int
    bytes: int
    kept: int
    keepers: list[str]
    unknown: dict[str, list[str]]


class Ended(TypedDict):
    """The run is over: ``status`` for ``up`` to end with, ``seconds`` of the drain, ``clean`` exits.

    ``drained`` says that all left as they should once they were told to stop, and lost nothing that is known.
    ``replaced`` names the main whose status was 2, which ``status`` tells as 1; mostly it is empty.
    """

    time: float
    event: Literal["ended"]
    status: int
    state: str
    clean: int
    restarts: int
    killed: list[str]
    seconds: float
    processes: int
    drained: bool
    in_flight: InFlight
    replaced: str


Event = (
    Begin
    | Started
    | Gate
    | Ready
    | Up
    | Exited
    | Unstarted
    | Blocked
    | Draining
    | Killed
    | Unread
    | Note
    | Outside
    | Ended
)
