"""The supervisor's end of the keeper's socket, and the copies of what the keeper holds."""

from __future__ import annotations

import asyncio
import os
import socket
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any

from orchestrator.contract import codec, messages
from orchestrator.contract import keeper_messages as keeper
from orchestrator.contract.codec import A, BadMessage, Failed, Request
from orchestrator.contract.messages import FDS_LIMIT, Message
from orchestrator.contract.peer import credentials

Then = Callable[[Any, list[int]], None]
"""Gets the answer, or ``Failed``, and the descriptors that come along."""

_ANYTHING = keeper.Quit()
"""Stands for a request that nobody waits for any more."""


class KeeperLink:
    """Requests and their answers, in order. ``lost`` is called once when the keeper has ended.

    Only its end counts: one that is held up, or stopped, is waited for. Nothing here blocks, since a keeper and a
    supervisor that both write and do not read would wait for each other.
    """

    def __init__(self, told: Callable[[keeper.Exited], None], lost: Callable[[], None]) -> None:
        self._told, self._lost = told, lost
        self._socket: socket.socket | None = None
        self._pidfd = -1
        self._unsent: deque[tuple[Message, tuple[int, ...]]] = deque()
        self._numbers = count(1)
        self._then: dict[int, tuple[Request[Any], Then]] = {}
        self._waiting: list[asyncio.Future[tuple[Any, list[int]]]] = []
        self.held: dict[str, tuple[int, str]] = {}

    @property
    def lives(self) -> bool:
        """Whether there is a keeper that has not ended."""
        return self._pidfd >= 0

    async def connect(self, path: str, gone: Callable[[], bool] | None = None) -> None:
        """Connect, as soon as the keeper listens. Raise OSError when it is gone.

        Where nobody can say whether it is, ten seconds without one that listens count as gone.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + 10
        while True:
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
            try:
                sock.connect(path)
                break
            except OSError:
                sock.close()
                if gone() if gone is not None else loop.time() > until:
                    raise
            await asyncio.sleep(0.005)
        messages.set_send_buffer(sock)
        try:
            self._pidfd = os.pidfd_open(credentials(sock).pid)
        except OSError:
            sock.close()
            raise
        self._socket = sock
        self._then.clear()
        loop.add_reader(sock, self._read)
        loop.add_reader(self._pidfd, self._keeper_ended)

    def _close(self) -> None:
        loop = asyncio.get_running_loop()
        if self._socket is not None:
            loop.remove_reader(self._socket)
            loop.remove_writer(self._socket)
            self._socket.close()
            self._socket = None
        while self._unsent:
            _close_all(self._unsent.popleft()[1])

    def ask(self, request: Request[Any], then: Then | None = None, fds: tuple[int, ...] = ()) -> None:
        """Send a request; ``then`` gets the answer, unless the keeper dies before."""
        if self._socket is None:
            return
        number = next(self._numbers)
        self._then[number] = request, then or _ignore
        # Copies, since what waits here may be closed by who asked.
        self._unsent.append((messages.asking(request, number), tuple(map(os.dup, fds))))
        self._send()

    def _send(self) -> None:
        loop = asyncio.get_running_loop()
        while self._socket is not None and self._unsent:
            request, fds = self._unsent.popleft()
            try:
                messages.send(self._socket, request, fds)
            except BlockingIOError:
                self._unsent.appendleft((request, fds))
                loop.add_writer(self._socket, self._send)
                return
            except OSError:
                self._close()
            _close_all(fds)
        if self._socket is not None:
            loop.remove_writer(self._socket)

    async def call(self, request: Request[A], fds: tuple[int, ...] = ()) -> tuple[A, list[int]]:
        """Send a request and wait for its answer. Raise OSError when the keeper dies before, or says that it cannot."""
        if not self.lives:
            raise ConnectionResetError("the keeper is gone")
        future: asyncio.Future[tuple[Any, list[int]]] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self.ask(request, lambda answer, got: future.set_result((answer, got)), fds)
        try:
            answer, got = await future
        finally:
            self._waiting.remove(future)
        if isinstance(answer, Failed):
            raise OSError(answer.error)
        return answer, got

    async def listen(self, wanted: list[keeper.Wanted]) -> dict[str, str]:
        """Let the keeper hold endpoints, and keep copies; return the errors by name."""
        errors: dict[str, str] = {}
        for first in range(0, len(wanted), FDS_LIMIT):
            answer, fds = await self.call(keeper.Listen(tuple(wanted[first : first + FDS_LIMIT])))
            errors |= answer.errors
            if len(answer.addresses) != len(fds):
                _close_all(tuple(fds))
                raise OSError(f"the keeper holds {len(answer.addresses)} endpoints, and sent {len(fds)} descriptors")
            for (name, address), fd in zip(answer.addresses.items(), fds, strict=True):
                self.hold(name, address, fd)
        return errors

    async def hand_over(self) -> None:
        """Return a new keeper our copies of all listening sockets."""
        names = list(self.held)
        for first in range(0, len(names), FDS_LIMIT):
            # Meanwhile some may have been given up.
            some = tuple(name for name in names[first : first + FDS_LIMIT] if name in self.held)
            addresses = tuple(self.held[name][1] for name in some)
            fds = tuple(self.held[name][0] for name in some)
            await self.call(keeper.Adopt(some, addresses), fds)

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
        self.ask(keeper.Unlisten(tuple(names)))

    def _read(self) -> None:
        for received in messages.arrived(lambda: self._socket):
            if received is None:
                self._close()
            else:
                self._take(*received)

    def _take(self, message: Message, fds: list[int]) -> None:
        try:
            if "answer" in message:
                number = codec.read(int, "answer", message["answer"])
                request, then = self._then.pop(number, (_ANYTHING, _ignore))
                then(_answer(request, message), fds)
                return
            said = codec.decode_one(keeper.SAID, "say", "message", message)
            if isinstance(said, keeper.Listeners) and not len(said.names) == len(said.addresses) == len(fds):
                raise BadMessage(f"listeners: {len(said.names)} names with {len(fds)} descriptors")
        except BadMessage as error:
            print(f"supervisor: the keeper says what cannot be read: {error}", flush=True)
            _close_all(tuple(fds))
            return
        match said:
            case keeper.Listeners(names, addresses):
                for name, address, fd in zip(names, addresses, fds, strict=True):
                    self.hold(name, address, fd)
            case keeper.Exited():
                self._told(said)

    def _keeper_ended(self) -> None:
        self._read()  # its last words
        self._close()
        asyncio.get_running_loop().remove_reader(self._pidfd)
        os.close(self._pidfd)
        self._pidfd = -1
        for future in self._waiting:
            if not future.done():
                future.set_exception(ConnectionResetError("the keeper is gone"))
        self._lost()


def _close_all(fds: tuple[int, ...]) -> None:
    for fd in fds:
        os.close(fd)


def _answer(request: Request[Any], message: Message) -> Any:
    try:
        return codec.decode(Failed, message) if "error" in message else request.read(message)
    except BadMessage as error:
        return Failed(f"an answer that cannot be read: {error}")


def _ignore(answer: Any, fds: list[int]) -> None:
    pass
