"""What clients ask of a supervisor: a request a verb, each with the type of its answer.

Requests are lines of JSON on the supervisor's Unix stream socket, ``{"verb": NAME}`` with the fields of the request.
Answers are ``{"ok": ...}``, or ``{"error": TEXT}`` where the request cannot be read, or is refused.
"""

from typing import Any, Literal

from orchestrator.contract import codec
from orchestrator.contract.codec import Part, Request
from orchestrator.control import messages


class Info(Request[messages.Info]):
    """Who runs the mesh."""

    answer = messages.Info


class Rows(Part):
    """The processes in the answer to ``ps``: keys with each of them would cost as much as all else of it."""

    columns: tuple[str, ...]
    processes: tuple[tuple[Any, ...], ...]


class Ps(Request[messages.Told | messages.Status]):
    """What the supervisor alone knows of its processes; the client looks at the kernel for itself."""

    answer = messages.Told | messages.Status

    @classmethod
    def read(cls, answer: object) -> Any:
        """Read an answer, of which the keys of processes come once, as ``columns``."""
        if isinstance(answer, dict) and "columns" in answer:
            rows = codec.read(Rows, cls.KIND, answer)
            answer = {**answer, "processes": [dict(zip(rows.columns, row, strict=False)) for row in rows.processes]}
        return super().read(answer)


class Addresses(Request[dict[str, str]]):
    """Where peers connect to the endpoints of an edge, by the endpoint's name."""

    answer = dict[str, str]
    edge: str


class Down(Request[messages.Order]):
    """Drain, or kill all ``now``; ``grace`` bounds the drain in seconds."""

    answer = messages.Order
    now: bool = False
    grace: float | None = None


class Stop(Request[messages.Acted]):
    """Drain processes, which then stay stopped."""

    answer = messages.Acted
    processes: tuple[str, ...]


class Start(Request[messages.Acted]):
    """Start processes that do not run."""

    answer = messages.Acted
    processes: tuple[str, ...]


class Restart(Request[messages.Acted]):
    """Drain processes and start them again."""

    answer = messages.Acted
    processes: tuple[str, ...]


class Kill(Request[messages.Acted]):
    """Send processes a signal, by its name without SIG."""

    answer = messages.Acted
    processes: tuple[str, ...]
    signal: str = "KILL"


class Wait(Request[messages.Outcomes]):
    """Wait until these generations are ready, have ended, or are over for good; none: all that come without a hand.

    Answered after a few seconds at most, ``within`` so many where that is less.
    """

    answer = messages.Outcomes
    what: Literal["ready", "ended", "over"]
    processes: dict[str, int]
    within: float | None = None


class Own(Request[dict[str, Any]]):
    """Drain when this process dies."""

    answer = dict[str, Any]
    pid: int


class Env(Request[dict[str, str]]):
    """The variables of a process, but for those of its ``env_file``."""

    answer = dict[str, str]
    process: str


class Run(Request[messages.Handover | messages.Runs]):
    """Make the client's process the next incarnation of that process; ``stop`` the one that runs.

    The descriptors (SCM_RIGHTS) of the listening sockets that the launch order names come along, in the order of their
    numbers.
    """

    answer = messages.Handover | messages.Runs
    process: str
    pid: int
    stop: bool = False


REQUESTS: dict[str, type[Request[Any]]] = codec.kinds(
    Info, Ps, Addresses, Down, Stop, Start, Restart, Kill, Wait, Own, Env, Run
)


def decode(line: dict[str, Any]) -> Request[Any]:
    """Read a request. Raise BadMessage, which names the verb and the field."""
    return codec.decode_one(REQUESTS, "verb", "verb", line)


def encode(request: Request[Any]) -> dict[str, Any]:
    """Return what is sent of a request."""
    return {"verb": request.KIND, **vars(request)}
