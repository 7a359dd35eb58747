"""The supervisor's end of one process's control socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Callable
from itertools import count

from orchestrator.contract import messages
from orchestrator.contract.messages import Message

FIRST_REPEAT, LONGEST_REPEAT = 0.05, 1.0
"""Seconds until an unanswered signal is sent again: signals can coalesce, and are to be rare, so they are doubled."""

RECONNECT = 0.02
"""Seconds between attempts to reach a process that lives and does not listen."""

NUMBERS = count(time.monotonic_ns())
"""Numbers of requests: no successor of this supervisor uses one again."""


class NodeLink:
    """Requests to one process, each repeated by signal until answered; what it says and answers goes to ``told``."""

    def __init__(
        self, path: str, pid: int, pidfd: int, running: bool, told: Callable[[Message, list[int]], None]
    ) -> None:
        self._path, self._pid, self._pidfd, self._told = path, pid, pidfd, told
        self._inner = -1
        self._loop = asyncio.get_running_loop()
        self._socket: socket.socket | None = None
        # In the gate a process polls its control socket, so it is signalled only once its program runs.
        self._running = running
        self._open: dict[str, Message] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._pause = FIRST_REPEAT
        self._closed = False
        self._connect()

    def ask(self, request: Message) -> None:
        """Send a request, unless the same one is still unanswered."""
        # One with a number of its own is another one each time: what is expected at a gate may change, and change back.
        key = json.dumps({name: value for name, value in request.items() if name != "grace"})
        if key in self._open:
            return
        self._open[key] = {"id": next(NUMBERS), **request}
        self._send(self._open[key])
        self._pause = FIRST_REPEAT
        self._signal()

    def asks(self, what: str) -> bool:
        """Tell whether a request of this kind is not answered yet."""
        return any(request["do"] == what for request in self._open.values())

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
        messages.widen(sock)
        self._socket = sock
        self._loop.add_reader(sock, self._read)
        for request in self._open.values():
            self._send(request)
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
                message, fds = received
                self._note(message)
                self._told(message, fds)

    def _aim(self, pid: int) -> None:
        """Signal this process from now on."""
        if self._inner >= 0:
            os.close(self._inner)
            self._inner = -1
        if pid != self._pid:
            with contextlib.suppress(OSError):
                self._inner = os.pidfd_open(pid)

    def _note(self, message: Message) -> None:
        if message.get("say") == "hello":
            self._aim(message.get("pid", self._pid))
        runs = message.get("phase") in ("running", "stopping")
        if "answer" in message:
            for key, request in list(self._open.items()):
                if request["id"] == message["answer"]:
                    runs = runs or request["do"] == "go"
                    del self._open[key]
        if runs and not self._running:
            self._running = True
            if self._open:
                self._signal()
