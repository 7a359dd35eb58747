"""What a supervisor asks of its keeper, what the keeper answers, and what it says of its own accord."""

from typing import Any

from orchestrator.contract import codec
from orchestrator.contract.codec import Done, Failed, Part, Request
from orchestrator.contract.exits import Child, Exit


class Kept(Part):
    """The keeper's pid, its children, and the listening sockets that it holds, which follow as ``listeners``."""

    pid: int
    children: tuple[Child, ...]
    listeners: tuple[str, ...]


class Hello(Request[Kept]):
    """What is there?"""

    answer = Kept


class Wanted(Part):
    """An endpoint that is to be listened at; ``reserve`` binds it alone, so that nobody else can have it."""

    name: str
    address: str
    backlog: int
    reserve: bool = False


class Listening(Part):
    """The addresses by name, in the order of the descriptors that come along (SCM_RIGHTS), and why others failed."""

    addresses: dict[str, str]
    errors: dict[str, str]


class Listen(Request[Listening]):
    """Hold these endpoints, FDS_LIMIT at most."""

    answer = Listening
    endpoints: tuple[Wanted, ...]


class Adopt(Request[Done]):
    """Hold these listening sockets, whose descriptors come along."""

    answer = Done
    names: tuple[str, ...]
    addresses: tuple[str, ...]


class Unlisten(Request[Done]):
    """Close and unlink these listening sockets."""

    answer = Done
    names: tuple[str, ...]


class Started(Part):
    """A process was started; ``ticks`` as Child has them."""

    pid: int
    ticks: int


class Starts(Part):
    """What became of each launch order, in their order."""

    started: tuple[Started | Failed, ...]


class Start(Request[Starts]):
    """Carry out these launch orders, STARTS_LIMIT paths at most."""

    answer = Starts
    launches: tuple[str, ...]


class Quit(Request[Done]):
    """End: no child is started any more, the run folder is removed."""

    answer = Done


class Listeners(Part):
    """Listening sockets that the keeper holds, in the order of the descriptors that come along, FDS_LIMIT at most."""

    names: tuple[str, ...]
    addresses: tuple[str, ...]


class Exited(Exit):
    """A child has ended; it is written down already."""


REQUESTS: dict[str, type[Request[Any]]] = codec.kinds(Hello, Listen, Adopt, Unlisten, Start, Quit)
SAID: dict[str, type[Part]] = codec.kinds(Listeners, Exited)
