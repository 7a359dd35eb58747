"""What a supervisor asks of a node, what the node answers, and what it says of its own accord.

MARKER is the text of a SUB's marker without its first byte and newline: PROCESS.SOCKET.GENERATION.
"""

from typing import Any, Literal

from orchestrator.contract import codec
from orchestrator.contract.codec import Done, Part, Request

Phase = Literal["starting", "gate", "running", "stopping"]


class Expected(Part):
    """What a socket must have seen: living connections; of a PUB also markers, as ``wiring.pack_markers`` has them."""

    handshakes: int = 0
    markers: dict[str, str] = {}  # noqa: RUF012 - a message does not change


class Gate(Request[Done]):
    """What the sockets must have seen before the gate opens, in the place of an earlier one.

    It has an ``id`` of its own, which ``sockets_ready`` gives back once all is seen.
    """

    answer = Done
    id: int
    expect: dict[str, Expected]


class Go(Request[Done]):
    """The gate is open: run the program."""

    answer = Done


class Pong(Part):
    """How far a node is, and what its gate waits for at which socket: ``handshakes 3/4`` or ``subscriptions 3/4``."""

    phase: Phase
    waiting: dict[str, str]


class Ping(Request[Pong]):
    """Answer."""

    answer = Pong


class Touched(Part):
    """Which of the markers have arrived, by socket; ``away`` are sockets of other threads, which were left alone."""

    seen: dict[str, tuple[str, ...]]
    away: tuple[str, ...]


class Touch(Request[Touched]):
    """Let each of these sockets enter libzmq; which of the markers ``seen`` have arrived there?"""

    answer = Touched
    sockets: tuple[str, ...]
    seen: dict[str, tuple[str, ...]]


class Ending(Part):
    """The sockets that have nothing left to give.

    ``busy``: one was in the middle of a message, and has to be asked again. ``looked``: whether the program has looked
    if it should stop, or need not. At the sockets that are ``full`` it would wait for who reads.
    """

    dry: tuple[str, ...]
    busy: bool = False
    looked: bool = True
    full: tuple[str, ...] = ()


class Stop(Request[Ending]):
    """Leave within ``grace`` seconds.

    ``dry`` are sockets whose feeders have all left, ``quiet`` those of processes that stop together, which end when
    they are empty, ``cut`` those that others feed without end. ``lost`` are the numbers of the connections, by socket,
    that lead to a receiver which is over.
    """

    answer = Ending
    grace: float | None = None
    dry: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    quiet: tuple[str, ...] = ()
    lost: dict[str, tuple[int, ...]] = {}  # noqa: RUF012 - a message does not change


class Desert(Request[Done]):
    """Nobody takes anything of these sockets any more."""

    answer = Done
    sockets: tuple[str, ...]


class Listening(Part):
    """Addresses, in the order of the descriptors that come along (SCM_RIGHTS)."""

    endpoints: tuple[str, ...]


class Listeners(Request[Listening]):
    """Send back the listening sockets."""

    answer = Listening


class Hello(Part):
    """Said on a new connection, and again when the program is loaded and waits in the gate.

    ``pid`` is the program's, which may stand behind a shell; 0 is the process that was started.
    """

    generation: int
    phase: Phase
    pid: int = 0


class SocketsReady(Part):
    """The sockets have seen all that the gate with this ``id`` asks for."""

    gate: int


class Ready(Part):
    """The program says that it is ready; said again on a new connection."""


class Leaving(Part):
    """The program has returned, or has raised; said again on a new connection."""

    failed: bool = False


class Unread(Part):
    """What nobody has read at or of a socket: so many messages, or so many bytes at least.

    ``way`` is from whom it did not go on: ``sent`` by this process, or ``received`` and not read. ``then`` is what
    becomes of it: ``lost``, ``dropped`` (nobody waits for it) or ``kept`` in a journal. Whose it is to read say the
    number of an address among those that the socket connects to, or the pid of who connected; 0 where nobody knows.
    """

    socket: str
    way: Literal["sent", "received"]
    then: Literal["lost", "dropped", "kept"]
    messages: int | None = None
    bytes: int = 0
    connect: int | None = None
    pid: int = 0


class Left(Part):
    """All sockets are closed, and this nobody has read."""

    unread: tuple[Unread, ...] = ()


REQUESTS: dict[str, type[Request[Any]]] = codec.kinds(Gate, Go, Ping, Touch, Stop, Desert, Listeners)
Said = Hello | SocketsReady | Ready | Leaving | Left
SAID: dict[str, type[Said]] = codec.kinds(Hello, SocketsReady, Ready, Leaving, Left)
Answer = Done | Pong | Touched | Ending | Listening


def said(message: dict[str, Any]) -> Said:
    """Read what a node says. Raise BadMessage."""
    return codec.decode_one(SAID, "say", "word", message)
