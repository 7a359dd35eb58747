"""Make the sockets of a process as its wiring says: plain ``zmq.Socket`` objects with their options set."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import zmq

from orchestrator.contract import wiring as contract
from orchestrator.contract.wiring import SocketWiring, Wiring
from orchestrator.errors import WiringError
from orchestrator.node import connections
from orchestrator.node.markers import countable
from orchestrator.zeromq.options import OPTIONS
from orchestrator.zeromq.sockets import TAKERS

RECONNECT_IVL = 10
"""Milliseconds between attempts to connect, unless the topology says otherwise; libzmq's own default is 100."""

EVENTS, FD, POLLIN, DONTWAIT = int(zmq.EVENTS), int(zmq.FD), int(zmq.POLLIN), int(zmq.DONTWAIT)
"""As plain numbers: enumerations cost time, and each forked process memory of its own."""

_BACKLOG = 100
_SNDHWM = 1000


@dataclass(slots=True, eq=False)
class SocketRecord:
    """A socket and what we know of it.

    ``beside`` is where a PUB is bound, too, for us to see by whether subscriptions have arrived, empty where nobody
    can. ``owner`` is the first thread that asked for it, None where none has. ``order`` is what a stop asks of it:
    ``dry`` (end once empty) or ``cut`` (end now). ``ended``: nothing will come, and recv says Again; ``cut``: since it
    was taken from peers that go on sending.
    ``lost`` are the addresses at which nobody will take what it still has to send; ``deserted``: nobody will anywhere,
    and send says Again where it would wait. ``delivery_socket`` and ``async_delivery_socket`` are what the program gets
    where an edge adds something; ``has_worker_thread`` says that a thread of its own serves it. ``reader`` gives what
    the program iterates over, as long as it does.
    """

    name: str
    wiring: SocketWiring
    raw: zmq.Socket[bytes]
    beside: str = ""
    owner: threading.Thread | None = None
    asynchronous: Any = None
    order: str = ""
    ended: bool = False
    cut: bool = False
    lost: tuple[str, ...] = ()
    deserted: bool = False
    delivery_socket: Any = None
    async_delivery_socket: Any = None
    has_worker_thread: bool = False
    reader: Callable[[], object | None] = lambda: None

    @property
    def owned_elsewhere(self) -> bool:
        """Whether a thread has it, so that the main thread must not touch it."""
        return self.has_worker_thread or self.owner not in (None, threading.main_thread())


def make(context: zmq.Context[zmq.Socket[bytes]], wiring: Wiring, name: str, *, gated: bool) -> SocketRecord:
    """Make one socket, set its options and subscribe. Raise WiringError.

    ``gated`` sockets tell their peers by markers when all subscriptions have arrived.
    """
    given = wiring.sockets[name]
    try:
        raw = context.socket(zmq.SocketType[_beneath(given)])
    except (KeyError, zmq.ZMQError) as error:
        raise _problem(wiring, name, f"no socket of type {given.type}", error) from None
    topics = [contract.to_bytes(topic) for topic in given.options.get("subscribe", ())]
    if gated and topics and given.type == "SUB" and not given.options.get("conflate"):
        # Last, and the highest in byte order: where it is, all the others are.
        topics.append(contract.marker(wiring.process, name, wiring.generation))
    for option, value in _options(given, len(topics)).items():
        try:
            _set(raw, option, value)
        except (KeyError, TypeError, ValueError, zmq.ZMQError) as error:
            raise _problem(wiring, name, f"cannot set {option} to {value!r}", error) from None
    if given.durable is not None:
        from orchestrator.delivery import proof

        raw.setsockopt(zmq.ROUTING_ID, proof.routing_id(f"{wiring.process}.{name}", wiring.generation))
    for topic in topics:
        raw.setsockopt(zmq.SUBSCRIBE, topic)
    marked = gated and given.type == "PUB" and not given.options.get("conflate") and countable(raw)
    return SocketRecord(name, given, raw, f"inproc://orchestrator.{wiring.process}.{name}" if marked else "")


def _beneath(given: SocketWiring) -> str:
    """Return the type of the socket that is made where another one is declared."""
    if given.durable is not None:
        return "ROUTER"  # whose peers have names
    return "DEALER" if given.retry is not None and given.type == "REQ" else given.type


def checked(record: SocketRecord, socket: Any, kind: type[Any]) -> Any:
    """Return a socket that is of a class. Raise WiringError where it is of another one."""
    if not isinstance(socket, kind):
        raise WiringError(
            f"socket {record.name!r} is a {type(socket).__name__}, not a {kind.__name__}: its edge decides that"
        )
    return socket


def attach(wired: SocketRecord, wiring: Wiring) -> None:
    """Bind and connect. Raise WiringError."""
    if wired.beside:
        wired.raw.bind(wired.beside)  # first, since programs ask for the last one
    for address, descriptor in zip_longest(wired.wiring.bind, wired.wiring.fd):
        try:
            _bind(wired.raw, address, descriptor)
        except (OSError, zmq.ZMQError) as error:
            raise _problem(wiring, wired.name, f"cannot bind {address}", error) from None
    for address in wired.wiring.connect:
        try:
            wired.raw.connect(address)
        except zmq.ZMQError as error:
            raise _problem(wiring, wired.name, f"cannot connect to {address}", error) from None


def detach(wired: SocketRecord) -> None:
    """Take a receiving socket from its peers; what it has not read is lost, and recv says Again.

    One of a durable edge keeps them: they have to hear what it has taken, and keep the rest.
    """
    if wired.wiring.durable is not None:
        end(wired)
        return
    wired.cut = True
    if wired.wiring.type in TAKERS:
        # Else a connection that nobody has accepted yet would linger.
        wired.raw.setsockopt(zmq.LINGER, 0)
    for address in wired.wiring.bind:
        _try(wired.raw.unbind, address)
    for address in wired.wiring.connect:
        _try(wired.raw.disconnect, address)
    end(wired)


def end(wired: SocketRecord) -> None:
    """Let recv say Again where it would wait."""
    wired.raw.setsockopt(zmq.RCVTIMEO, 0)
    wired.ended = True


def desert(wired: SocketRecord) -> None:
    """Let send say Again where it would wait: nobody is left to take anything."""
    wired.deserted = True
    if not wired.owned_elsewhere and not wired.raw.closed:
        wired.raw.setsockopt(zmq.SNDTIMEO, 0)


def exhausted(wired: SocketRecord) -> bool:
    """Whether nothing can come any more: no connection is left, and then nothing to receive."""
    # In this order: what a connection had left is in the socket once it is gone.
    if next(connections.live(wired.wiring.bind, wired.wiring.connect), None) is not None:
        return False
    return not enter(wired) & POLLIN


def enter(wired: SocketRecord) -> int:
    """Let a socket do what waits for its own thread, such as sending subscriptions to a new peer; return its events."""
    return int(wired.raw.getsockopt(EVENTS))


def _options(given: SocketWiring, topics: int) -> dict[str, Any]:
    options = {"reconnect_ivl": RECONNECT_IVL} | {k: v for k, v in given.options.items() if k != "subscribe"}
    if given.retry is not None and given.type == "REQ":
        # It asks only who is there, and what a REQ needs to ask again its DEALER does not know.
        options = {"immediate": 1} | {k: v for k, v in options.items() if k not in ("req_relaxed", "req_correlate")}
    if given.durable is not None:
        # The new connection of a peer is the one that counts, and who is not there is told. A sender speaks to who has
        # come, and a receiver's connection says so by itself.
        options |= {"router_handover": 1, "router_mandatory": 1, "immediate": 1, "probe_router": given.type == "PULL"}
    if given.bind:
        options["backlog"] = max(options.get("backlog", _BACKLOG), given.peers)
    if given.type == "SUB" and 0 < options.get("sndhwm", _SNDHWM) <= topics:
        # A SUB sends no more subscriptions than its own high-water mark.
        options["sndhwm"] = topics + 1
    return options


def _set(raw: zmq.Socket[bytes], option: str, value: Any) -> None:
    number = OPTIONS[option].number
    raw.setsockopt(number, int(value) if isinstance(value, int) else contract.to_bytes(value))


def _bind(raw: zmq.Socket[bytes], address: str, descriptor: int | None) -> None:
    if descriptor is None:
        raw.bind(address)
        return
    # libzmq closes the one it is given, so that it gets a copy; ours is for whoever asks for it again.
    os.set_blocking(descriptor, False)
    raw.setsockopt(zmq.USE_FD, os.dup(descriptor))
    try:
        raw.bind(address)
    finally:
        raw.setsockopt(zmq.USE_FD, -1)


def _try(call: Any, address: str) -> None:
    # Where it is gone already, all is well.
    with suppress(zmq.ZMQError):
        call(address)


def _problem(wiring: Wiring, name: str, what: str, error: Exception) -> WiringError:
    reason = error.strerror if isinstance(error, zmq.ZMQError | OSError) else f"{type(error).__name__}: {error}"
    declared = wiring.sockets[name].declared
    return WiringError(f"{f'{declared}: ' if declared else ''}{wiring.process}.{name}: {what}: {reason}")
