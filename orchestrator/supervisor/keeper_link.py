"""The supervisor's end of the keeper's socket, and the copies of what the keeper holds."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from itertools import count

from orchestrator.contract import messages
from orchestrator.contract.messages import FDS_LIMIT, BadMessage, Message

Then = Callable[[Message, list[int]], None]


class KeeperLink:
    """Requests and their answers, in order. ``lost`` is called once when the keeper is gone."""

    def __init__(self, told: Callable[[Message], None], lost: Callable[[], None]) -> None:
        self._told, self._lost = told, lost
        self._socket: socket.socket | None = None
        self._numbers = count(1)
        self._then: dict[int, Then] = {}
        self._waiting: list[asyncio.Future[tuple[Message, list[int]]]] = []
        self.held: dict[str, tuple[int, str]] = {}

    async def connect(self, path: str, gone: Callable[[], bool] = bool) -> None:
        """Connect, as soon as the keeper listens. Raise OSError when it is gone, or does not within ten seconds."""
        loop = asyncio.get_running_loop()
        until = loop.time() + 10
        while True:
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
            try:
                sock.connect(path)
                break
            except OSError:
                sock.close()
                if gone() or loop.time() > until:
                    raise
            await asyncio.sleep(0.005)
        messages.widen(sock)
        self._socket = sock
        self._then.clear()
        loop.add_reader(sock, self._read)

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def ask(self, request: Message, then: Then | None = None, fds: tuple[int, ...] = ()) -> None:
        """Send a request; ``then`` gets the answer, unless the keeper dies before."""
        if self._socket is None:
            return
        number = next(self._numbers)
        self._then[number] = then or _ignore
        # The keeper's one thread answers in microseconds; a full socket means that it is about to.
        self._socket.setblocking(True)
        self._socket.settimeout(5)
        try:
            messages.send(self._socket, {**request, "id": number}, fds)
        except OSError:
            self._hang_up()
            return
        self._socket.setblocking(False)

    async def call(self, request: Message, fds: tuple[int, ...] = ()) -> tuple[Message, list[int]]:
        """Send a request and wait for its answer, ten seconds at most. Raise OSError when the keeper dies before."""
        future: asyncio.Future[tuple[Message, list[int]]] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self.ask(request, lambda answer, got: future.set_result((answer, got)), fds)
        try:
            return await asyncio.wait_for(future, 10)
        finally:
            self._waiting.remove(future)

    async def listen(self, wanted: list[Message]) -> dict[str, str]:
        """Let the keeper hold endpoints, and keep copies; give the errors by name."""
        errors: dict[str, str] = {}
        for first in range(0, len(wanted), FDS_LIMIT):
            answer, fds = await self.call({"do": "listen", "endpoints": wanted[first : first + FDS_LIMIT]})
            errors |= answer["errors"]
            for (name, address), fd in zip(answer["addresses"].items(), fds, strict=True):
                self.hold(name, address, fd)
        return errors

    async def hand_over(self) -> None:
        """Give a new keeper our copies of all listening sockets."""
        names = list(self.held)
        for first in range(0, len(names), FDS_LIMIT):
            some = names[first : first + FDS_LIMIT]
            addresses = [self.held[name][1] for name in some]
            fds = tuple(self.held[name][0] for name in some)
            await self.call({"do": "adopt", "names": some, "addresses": addresses}, fds)

    def hold(self, name: str, address: str, fd: int) -> None:
        """Keep a copy of a listening socket."""
        if name in self.held:
            os.close(self.held[name][0])
        self.held[name] = (fd, address)

    def unlisten(self, names: list[str]) -> None:
        """Give up listening sockets."""
        for name in names:
            if name in self.held:
                os.close(self.held.pop(name)[0])
        self.ask({"do": "unlisten", "names": names})

    def _read(self) -> None:
        while self._socket is not None:
            try:
                received = messages.receive(self._socket)
            except BlockingIOError:
                return
            except (OSError, BadMessage):
                received = None
            if received is None:
                self._hang_up()
                return
            self._take(*received)

    def _take(self, message: Message, fds: list[int]) -> None:
        if message.get("say") == "listeners":
            for name, address, fd in zip(message["names"], message["addresses"], fds, strict=True):
                self.hold(name, address, fd)
        elif "answer" in message:
            self._then.pop(message["answer"], _ignore)(message, fds)
        else:
            self._told(message)

    def _hang_up(self) -> None:
        self.close()
        for future in self._waiting:
            if not future.done():
                future.set_exception(ConnectionResetError("the keeper is gone"))
        self._lost()


def _ignore(answer: Message, fds: list[int]) -> None:
    pass
