"""The control socket: a node listens, the supervisor connects, writes a request and sends SIGURG.

The handler runs in the main thread between two bytecodes, also while libzmq blocks. It obeys these laws: it never
raises (pyzmq runs handlers after a successful receive too, and the message would be lost), prints, logs, takes a lock
or waits, and sends nothing on a data socket.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from orchestrator.contract import messages
from orchestrator.contract.codec import BadMessage, Failed, Part
from orchestrator.contract.messages import Message
from orchestrator.contract.peer import credentials
from orchestrator.contract.wiring import Wiring
from orchestrator.errors import WiringError, WrongThreadError

Answer = tuple[Part, tuple[int, ...]]
"""What a request is answered with, and descriptors to go with it."""


class Control:
    """The connection to the supervisor; a new one takes the place of the old one."""

    def __init__(
        self,
        wiring: Wiring,
        answer: Callable[[Message, FrameType | None], Answer],
        greeting: Callable[[], list[Part]],
    ) -> None:
        """Take the listening socket and the signal. Raise WiringError, or WrongThreadError outside the main thread."""
        self._answer = answer
        self._greeting = greeting
        self._connection: socket.socket | None = None
        self._again = False
        self.serving = False
        self.polled = False
        self.fault = ""
        self._listener = _listener(wiring)
        try:
            self._previous = signal.signal(signal.SIGURG, self._handle)
        except ValueError:
            raise WrongThreadError("a node is entered in the main thread: signals arrive there") from None
        self.serve()

    def descriptors(self) -> list[int]:
        """Return the descriptors that become readable when ``serve`` has something to do."""
        return [each.fileno() for each in (self._listener, self._connection) if each is not None]

    def greet(self) -> None:
        """Tell the supervisor how far this process is."""
        for said in self._greeting():
            self.say(said)

    def say(self, said: Part) -> None:
        """Tell the supervisor, if it is there. Never waits, never raises."""
        connection = self._connection
        if connection is None:
            return
        try:
            messages.send(connection, messages.saying(said), flags=socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        except OSError as error:
            self.fault = repr(error)

    def serve(self, frame: FrameType | None = None) -> None:
        """Answer all that has come; ``frame`` is what the signal interrupted. Never waits, never raises."""
        self._again = True
        if self.serving:
            return
        self.serving = True
        try:
            while self._again:
                self._again = False
                self._accept()
                self._read(frame)
        except BaseException as error:
            self.fault = repr(error)
        finally:
            self.serving = False

    def close(self) -> None:
        """Give up the signal and the sockets."""
        signal.signal(signal.SIGURG, self._previous or signal.SIG_DFL)
        for each in (self._listener, self._connection):
            if each is not None:
                each.close()
        self._connection = None

    def _handle(self, _: int, frame: FrameType | None) -> None:
        if not self.polled:
            self.serve(frame)

    def _accept(self) -> None:
        with suppress(BlockingIOError):
            while True:
                connection, _ = self._listener.accept()
                if not _is_ours(connection):
                    connection.close()
                    continue
                connection.setblocking(False)
                messages.set_send_buffer(connection)
                previous, self._connection = self._connection, connection
                if previous is not None:
                    previous.close()
                self.greet()

    def _read(self, frame: FrameType | None) -> None:
        while (connection := self._connection) is not None:
            try:
                received = messages.receive(connection)
            except BlockingIOError:
                return
            except BadMessage as error:
                self.fault = repr(error)
                continue
            except OSError:
                received = None
            if received is None:
                connection.close()
                self._connection = None
                return
            request, descriptors = received
            for descriptor in descriptors:
                os.close(descriptor)
            self._reply(connection, request, frame)

    def _reply(self, connection: socket.socket, request: Message, frame: FrameType | None) -> None:
        rights: tuple[int, ...] = ()
        try:
            body, rights = self._answer(request, frame)
        except Exception as error:
            self.fault = repr(error)
            body = Failed(str(error) if isinstance(error, BadMessage) else repr(error))
        try:
            flags = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL
            messages.send(connection, messages.answering(request.get("id"), body), rights, flags)
        except OSError as error:
            # Whoever asked will ask again.
            self.fault = repr(error)


def _listener(wiring: Wiring) -> socket.socket:
    try:
        if wiring.control_fd is not None:
            listener = socket.socket(fileno=wiring.control_fd)
            listener.set_inheritable(False)
        else:
            with suppress(FileNotFoundError):
                os.unlink(wiring.control)
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            listener.bind(wiring.control)
        # Also where it listens already: who connects is told the pid of who called this last (unix(7), SO_PEERCRED).
        listener.listen(8)
    except OSError as error:
        raise WiringError(f"{wiring.process}: control socket {wiring.control}: {error.strerror}") from None
    listener.setblocking(False)
    return listener


def _is_ours(connection: socket.socket) -> bool:
    return credentials(connection).uid in (os.getuid(), 0)
