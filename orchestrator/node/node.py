"""``Node``: what a program of a mesh gets."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

import zmq

from orchestrator.contract.codec import Part
from orchestrator.contract.node_messages import Hello, Leaving, Left, Ready
from orchestrator.contract.wiring import Wiring
from orchestrator.errors import NotInMeshError, WiringError
from orchestrator.node import sockets
from orchestrator.node.again import is_the_drains
from orchestrator.node.control import Control
from orchestrator.node.edges.edges import Deliveries
from orchestrator.node.gate import Gate
from orchestrator.node.identity import Identity
from orchestrator.node.ownership import Owners
from orchestrator.node.receiving import Messages
from orchestrator.node.requests import Requests
from orchestrator.node.shutdown import leave
from orchestrator.node.sockets import SocketRecord
from orchestrator.node.stopping import Stopping
from orchestrator.node.unread import received, told
from orchestrator.node.wiring import read_wiring, standalone

if TYPE_CHECKING:
    import logging

    import zmq.asyncio

FAILED = 1.0
"""Seconds that a program that has raised stays for those who read what it sent: its next start waits for it."""

S = TypeVar("S")

VARIABLE = "ORCHESTRATOR_WIRING"

TELLING = 0.2
"""Seconds at most that are kept of the grace, or a twentieth of it, to tell what was left."""


class Node(Identity):
    """One process of a mesh: its wired sockets, who it is, and when to stop.

    Entering it makes the sockets and waits until they and all their peers are wired; leaving it closes them so that
    what was sent arrives.
    """

    def __init__(self, wiring: Wiring, context: zmq.Context[zmq.Socket[bytes]] | None = None) -> None:
        super().__init__(wiring)
        self._own_context, self._context = context is None, context
        self._wired: dict[str, SocketRecord] = {}
        self._owners = Owners(wiring, self._wired)
        self._gate = Gate()
        self._stopping = Stopping()
        self._requests = Requests(wiring, self._wired, self._gate, self._stopping)
        self._control: Control | None = None
        self._alone = not wiring.control and wiring.control_fd is None
        self._deliveries = Deliveries(wiring, lambda: bool(self._stopping))
        self._ready = False
        self._leaving: Leaving | None = None
        self._pid = 0

    @classmethod
    def from_environment(cls) -> Self:
        """Make the node of this process. Raise NotInMeshError where it was not started by a mesh, or WiringError."""
        path = os.environ.get(VARIABLE)
        if not path:
            raise NotInMeshError(f"{VARIABLE} is not set: start this program by a mesh, or use Node.standalone")
        return cls(read_wiring(path))

    @classmethod
    def standalone(
        cls,
        sockets: Mapping[str, Mapping[str, Any]],
        args: Mapping[str, Any] | None = None,
        *,
        mesh: str = "standalone",
        name: str = "node",
        index: int = 0,
        count: int = 1,
        key: str | None = None,
        grace: float = 1.0,
        journals: str = "",
        context: zmq.Context[zmq.Socket[bytes]] | None = None,
    ) -> Self:
        """Make a node without a mesh, for unit tests and notebooks; there is no gate, and nobody stops it.

        ``sockets`` maps names to ``type``, ``bind`` and ``connect`` (an address or several), ``subscribe`` (a prefix
        or several), ``batch`` (a mapping with messages, bytes and delay, in seconds), ``retry`` (timeout, in
        seconds, attempts and deduplicate), ``durable`` (fsync and reassign_after, in seconds, max_size, on_full, for a
        PUSH its ``receivers``, ``process.socket``) and libzmq's options in lower case. ``journals`` is the folder
        for what is durable. ``grace`` is how many seconds leaving waits for messages that nobody has read. Nodes
        that share a ``context`` reach each other by inproc. Raise WiringError on entering.
        """
        wiring = standalone(sockets, mesh, name, index, count, key, args=args, grace=grace, journals=journals)
        return cls(wiring, context)

    def __enter__(self) -> Self:
        self.listen()
        try:
            self._wire()
        except BaseException:
            self._leave(grace=0.0)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        """Leave; a zmq.Again by which the drain has ended the program ends here."""
        drained = is_the_drains(error, self._wired.values())
        failed = not drained and _is_failure(error)
        left = self._stopping.left(self._wiring.grace)
        grace = min(left, FAILED) if failed else left
        # A little less, so that what nobody has read can be told before the supervisor's patience ends.
        self._leave(grace - min(TELLING, grace / 20), failed=failed)
        return drained

    def listen(self) -> None:
        """Hear the supervisor from now on; entering does it too. Raise WiringError, or WrongThreadError."""
        self._pid = os.getpid()
        if self._control is None and not self._alone:
            self._control = Control(self._wiring, self._requests.answer, self._greeting)

    @overload
    def socket(self, name: str) -> zmq.Socket[bytes]: ...
    @overload
    def socket(self, name: str, kind: type[S]) -> S: ...
    def socket(self, name: str, kind: type[Any] = object) -> Any:
        """Return a socket, wired and otherwise plain, the same object each time.

        On an edge that batches, retries, is durable or replays it is of a class of this package; ``kind`` names that
        class, for type checkers and editors: ``node.socket("orders", DurablePushSocket)``.

        Raise UnknownSocketError; WrongThreadError outside the main thread (see ``thread_socket``); WiringError where
        it is not of that ``kind``.
        """
        record = self._owners.mine(name)
        return sockets.checked(record, record.delivery_socket or record.raw, kind)

    @overload
    def async_socket(self, name: str) -> zmq.asyncio.Socket: ...
    @overload
    def async_socket(self, name: str, kind: type[S]) -> S: ...
    def async_socket(self, name: str, kind: type[Any] = object) -> Any:
        """Return a socket for asyncio, the same object each time; ``kind`` as for ``socket``.

        Raise UnknownSocketError, WrongThreadError or WiringError.
        """
        record = self._owners.mine(name)
        if record.asynchronous is None:
            from orchestrator.node.aio import Asynchronous

            record.asynchronous = Asynchronous(record.raw)
            self._deliveries.attach_asynchronous(record)
        return sockets.checked(record, record.async_delivery_socket or record.asynchronous.socket, kind)

    def thread_socket(self, name: str) -> zmq.Socket[bytes]:
        """Return a socket to this thread, for good. Raise UnknownSocketError; WrongThreadError where another has it.

        The first thread that asks has it, the main thread too when it has called ``socket`` before.
        In such a thread only ``messages`` and ``multipart`` end by themselves; a loop of ``recv`` looks at
        ``stopping``. A socket of an edge that batches or retries stays in the main thread, where signals arrive.
        """
        wired = self._owners.hand_over(name)
        # The signal handler may be at it right now; it leaves it alone the next time.
        while wired.owned_elsewhere and self._control is not None and self._control.serving:
            time.sleep(0.001)
        return wired.raw

    def messages(self, name: str) -> Messages[bytes]:
        """Return the one-part messages of a socket, as bytes, for ``for`` or ``async for``.

        Of a SUB on a batched edge each is a topic and a body.
        It ends when all who feed the socket have left in a drain and everything was read. Raise as ``socket`` does.
        """
        return Messages(self._owners.mine(name), "recv", lambda: self.async_socket(name))

    def multipart(self, name: str) -> Messages[list[bytes]]:
        """Return the messages of a socket as lists of parts, else as ``messages`` does; of plain edges only."""
        if self._owners.find(name).delivery_socket is not None:
            raise WiringError(f"socket {name!r} batches or retries: use messages({name!r})")
        return Messages(self._owners.mine(name), "recv_multipart", lambda: self.async_socket(name))

    def ready(self) -> None:
        """Say that the program is ready, for ``ready: notify``. Once or often, from any thread."""
        if not self._ready:
            self._ready = True
            self._say(Ready())

    def stop(self) -> None:
        """Stop as a drain would, for unit tests: ``stopping`` is true, and what has arrived is still received."""
        self._stopping.set(self._wiring.grace)
        for wired in self._wired.values():
            wired.order = "cut"
            if not wired.owned_elsewhere:
                sockets.end(wired)

    @property
    def sockets(self) -> tuple[str, ...]:
        """The names of the declared sockets."""
        return tuple(self._wiring.sockets)

    @property
    def context(self) -> zmq.Context[zmq.Socket[bytes]]:
        """The context of the sockets; close what you make from it yourself."""
        if self._context is None:
            # Not before it is needed: a node is made before its process is forked, and a context has threads.
            self._context = zmq.Context()
        return self._context

    @property
    def stopping(self) -> Stopping:
        """Whether to finish."""
        return self._stopping

    @property
    def logger(self) -> logging.Logger:
        """A logger of this process's name that writes plain lines to stderr."""
        from orchestrator.node.logger import logger

        return logger(self.process)

    def _wire(self) -> None:
        for name in self._wiring.sockets:
            self._wired[name] = sockets.make(self.context, self._wiring, name, gated=not self._alone)
        if self._control is not None:
            self._gate.watch(self._wired.values())
        for wired in self._wired.values():
            sockets.attach(wired, self._wiring)
            self._deliveries.attach(wired)
        if self._control is None:
            self._gate.end()
        else:
            self._gate.wait(self._control)
        self._deliveries.start(self._wired.values())

    def _leave(self, grace: float, *, failed: bool = True) -> None:
        # A child that was forked inside the program must not touch its parent's sockets.
        if os.getpid() != self._pid or self._leaving:
            return
        self._stopping.look()  # it has come to its end
        self._leaving = Leaving(failed)
        self._say(self._leaving)
        self._gate.end()
        deadline = time.monotonic() + grace
        wired = list(self._wired.values())
        left = self._deliveries.finish(wired, deadline)
        left += received(wired, stopping=bool(self._stopping))
        left += leave(self.context, wired, max(0.0, deadline - time.monotonic()), end=self._own_context)
        self._say(Left(told(left)))
        if self._control is not None:
            self._control.close()

    def _greeting(self) -> list[Part]:
        hello = Hello(self._wiring.generation, self._requests.phase, os.getpid())
        return [hello, *[Ready()] * self._ready, *filter(None, [self._leaving])]

    def _say(self, said: Part) -> None:
        if self._control is not None:
            self._control.say(said)


def _is_failure(error: BaseException | None) -> bool:
    """Return whether a program that ends by this error has failed."""
    return not (error is None or (isinstance(error, SystemExit) and error.code in (None, 0)))
