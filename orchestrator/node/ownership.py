"""Which thread has which socket of a node: two threads at one socket abort the process."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from orchestrator.contract.wiring import Wiring
from orchestrator.errors import UnknownSocketError, WiringError, WrongThreadError
from orchestrator.node.sockets import SocketRecord


class Owners:
    """The sockets of a node by name; the first thread that asks for one has it, for good."""

    def __init__(self, wiring: Wiring, wired: Mapping[str, SocketRecord]) -> None:
        self._wiring, self._wired = wiring, wired
        self._handover = threading.Lock()

    def find(self, name: str) -> SocketRecord:
        """Return a socket, whoever has it. Raise UnknownSocketError, or WiringError before it is made."""
        if name in self._wired:
            return self._wired[name]
        if name in self._wiring.sockets:
            raise WiringError(f"socket {name!r} is not made yet: use the node inside `with`")
        known = self._wiring.sockets.items()
        declared = ", ".join(f"{each} ({given.declared})" if given.declared else each for each, given in known)
        raise UnknownSocketError(f"{self._wiring.node} has no socket {name!r}; declared: {declared or 'none'}")

    def mine(self, name: str) -> SocketRecord:
        """Return a socket of this thread; the main thread comes to own it. Raise as ``find``, or WrongThreadError."""
        wired = self.find(name)
        if wired.owner is None and threading.current_thread() is not threading.main_thread():
            raise WrongThreadError(
                f"socket {name!r} is the main thread's; a thread takes one by thread_socket({name!r})"
            )
        _take(wired)
        return wired

    def hand_over(self, name: str) -> SocketRecord:
        """Return a socket, which is the calling thread's from now on. Raise as ``find``, or WrongThreadError."""
        wired = self.find(name)
        if wired.delivery_socket is not None and threading.current_thread() is not threading.main_thread():
            raise WrongThreadError(f"socket {name!r} batches or retries, and is the main thread's alone: use it there")
        with self._handover:
            _take(wired)
        return wired


def _take(wired: SocketRecord) -> None:
    current = threading.current_thread()
    if wired.owner is None:
        wired.owner = current
    if wired.owner is not current:
        raise WrongThreadError(
            f"socket {wired.name!r} belongs to thread {wired.owner.name!r}, which asked for it first"
        )
