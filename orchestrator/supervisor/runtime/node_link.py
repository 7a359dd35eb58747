"""The supervisor's end of one process's control socket."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable
from itertools import count
from typing import Any

from orchestrator.contract import codec, messages
from orchestrator.contract import node_messages as node
from orchestrator.contract.codec import BadMessage, Request
from orchestrator.contract.messages import Message
from orchestrator.contract.node_messages import Answer, Said

FIRST_REPEAT, LONGEST_REPEAT = 0.05, 1.0
"""Seconds until an unanswered signal is sent again: signals can coalesce, and are to be rare, so they are doubled."""

RECONNECT = 0.02
"""Seconds between attempts to reach a process that lives and does not listen."""

NUMBERS = count(time.monotonic_ns())
"""Numbers of requests: no successor of this supervisor uses one again."""


class NodeLink:
    """Requests to one process, each repeated by signal until answered; what it says and answers goes to ``told``."""

    def __init__(
        self, path: str, pid: int, pidfd: int, running: bool, told: Callable[[Said | Answer, list[int]], None]
    ) -> None:
        self._path, self._pid, self._pidfd, self._told = path, pid, pidfd, told
        self._inner = -1
        self._loop = asyncio.get_running_loop()
        self._socket: socket.socket | None = None
        # In the gate a process polls its control socket, so it is signalled only once its program runs.
        self._running = running
        self._open: list[tuple[Request[Any], Message]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._pause = FIRST_REPEAT
        self._closed = False
        self._connect()

    def ask(self, request: Request[Any]) -> None:
        """Send a request, unless the same one is still unanswered."""
        # A gate has a number of its own, so it is another one each time: what it expects may change, and change back.
        if any(_same(request, asked) for asked, _ in self._open):
            return
        message = messages.asking(request, next(NUMBERS))
        self._open.append((request, message))
        self._send(message)
        self._pause = FIRST_REPEAT
        self._signal()

    def asks(self, kind: type[Request[Any]]) -> bool:
        """Return whether a request of this kind is not answered yet."""
        return any(isinstance(request, kind) for request, _ in self._open)

    def pass_on(self, number: int) -> None:
        """Signal the program where it is not the process itself: a shell, a debugger may stand before it."""
        if self._inner >= 0:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                signal.pidfd_send_signal(self._inner, number)

    def read_rest(self) -> None:
        """Take in what a process that has ended said last."""
        self._read()

    def close(self) -> None:
        """Hang up for good."""
        self._closed = True
        self._aim(self._pid)
        self._drop()
        if self._timer is not None:
            self._timer.cancel()

    def _connect(self) -> None:
        if self._closed:
            return
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
        try:
            sock.connect(self._path)
        except OSError:
            sock.close()
            self._loop.call_later(RECONNECT, self._connect)
            return
        messages.set_send_buffer(sock)
        self._socket = sock
        self._loop.add_reader(sock, self._read)
        for _, message in self._open:
            self._send(message)
        self._signal()

    def _drop(self) -> None:
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def _send(self, request: Message) -> None:
        if self._socket is not None:
            # A full socket: the request stays open and goes out with the next connection or repetition.
            with contextlib.suppress(OSError):
                messages.send(self._socket, request, flags=socket.MSG_DONTWAIT)

    def _signal(self) -> None:
        """Interrupt the program, so that the process looks at its control socket."""
        if not self._running or self._closed:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            signal.pidfd_send_signal(self._pidfd if self._inner < 0 else self._inner, signal.SIGURG)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(self._pause, self._repeat)
        self._pause = min(self._pause * 2, LONGEST_REPEAT)

    def _repeat(self) -> None:
        self._timer = None
        if self._open:
            self._signal()

    def _read(self) -> None:
        for received in messages.arrived(lambda: self._socket):
            if received is None:
                self._drop()
                if not self._closed:
                    self._loop.call_later(RECONNECT, self._connect)
            else:
                self._take(*received)

    def _aim(self, pid: int) -> None:
        """Signal this process from now on."""
        if self._inner >= 0:
            os.close(self._inner)
            self._inner = -1
        if pid != self._pid:
            with contextlib.suppress(OSError):
                self._inner = os.pidfd_open(pid)

    def _take(self, message: Message, fds: list[int]) -> None:
        """Pass on what a process says or answers; what cannot be read is told in the log, and passed over."""
        try:
            found = self._answer(message) if "answer" in message else node.said(message)
        except BadMessage as error:
            print(f"supervisor: {self._path} says what cannot be read: {error}", flush=True)
            found = None
        if isinstance(found, node.Hello):
            self._aim(found.pid or self._pid)
        if isinstance(found, node.Hello | node.Pong) and found.phase in ("running", "stopping"):
            self._note_running()
        if not isinstance(found, node.Listening):
            for fd in fds:
                os.close(fd)
        if found is not None:
            self._told(found, fds)

    def _answer(self, message: Message) -> Answer | None:
        """Read an answer; None where nobody waits for it, or it is that the request has failed."""
        for number, (request, asked) in enumerate(self._open):
            if asked["id"] == message["answer"]:
                del self._open[number]
                if isinstance(request, node.Go):
                    self._note_running()
                return None if "error" in message else request.read(message)
        return None

    def _note_running(self) -> None:
        """Note that the program runs, so that from now on it has to be signalled."""
        if not self._running:
            self._running = True
            if self._open:
                self._signal()


def _same(one: Request[Any], other: Request[Any]) -> bool:
    """Return whether a request asks for the same; of the time that is left there is always less."""
    return one == other or (
        isinstance(one, node.Stop)
        and isinstance(other, node.Stop)
        and codec.replace(one, grace=None) == codec.replace(other, grace=None)
    )
