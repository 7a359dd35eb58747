"""Sockets of an edge that retries: a request is sent again until its own reply is there.

Beneath a REQ is a DEALER, which may send again and receives whatever comes; what is no reply to the request that is
open is dropped (guide, chapter 4, Lazy Pirate). Only peers whose connection stands are asked (ZMQ_IMMEDIATE), in turn:
so another attempt reaches another server, where there are several.

What the program sends is one frame: of a message of several libzmq may give the first ones alone when a connection with
ZMQ_IMMEDIATE goes, and another peer's behind them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import zmq

from orchestrator.delivery.batch.frame import BadFrame, pack, unpack
from orchestrator.delivery.batch.limits import as_bytes
from orchestrator.delivery.drained import DrainedError
from orchestrator.delivery.dropped import Dropped
from orchestrator.delivery.received import received
from orchestrator.delivery.retry.attempts import CLIENTS, HEAD, ONE, SEVERAL, Answered, Attempts, RetryPolicy
from orchestrator.delivery.retry.errors import NoReplyError
from orchestrator.errors import OrchestratorError

_DONTWAIT, _MORE, _RCVMORE = int(zmq.DONTWAIT), int(zmq.DONTWAIT | zmq.SNDMORE), int(zmq.RCVMORE)

LOOK = 0.1
"""Seconds between two looks at whether to stop, where nobody is connected."""

PAUSE = 0.005
"""Seconds between two looks for the reply to the last attempt: signals do not make it wait longer."""

now = time.monotonic


class BadFrames(OrchestratorError, ValueError):
    """What arrived is no ``retry/1``, or has other parts than the program asks for."""


RANDOM = 8
"""Bytes of a client's name that are random; as many of the token that proves it follow."""


def client_name(secret: bytes) -> bytes:
    """Return a name that no other client has."""
    if not secret:
        return os.urandom(2 * RANDOM)
    made = os.urandom(RANDOM)
    return made + _proof(secret, made)


def is_client(secret: bytes, name: bytes) -> bool:
    """Return whether somebody who knows the secret has made a client's name."""
    from hmac import compare_digest

    return compare_digest(_proof(secret, name[:RANDOM]), name[RANDOM:])


def _proof(secret: bytes, made: bytes) -> bytes:
    from orchestrator.delivery import proof  # where there is a secret: it loads OpenSSL

    return proof.token(secret, b"C", made)[:RANDOM]


class RequestState:
    """The requests of one client, in turn: their numbers, and which reply belongs to the one that is open."""

    def __init__(self, name: str, policy: RetryPolicy) -> None:
        self.name, self.policy = name, policy
        self.dropped = Dropped(name)
        self._client = client_name(policy.secret)
        self._number = 0
        self._head = b""
        self.frame = b""
        self.attempts: Attempts | None = None

    def begin(self, body: Sequence[Any]) -> Attempts:
        """Open a request. Raise zmq.ZMQError (EFSM) while another one is open, as a REQ does."""
        if self.attempts is not None:
            raise zmq.ZMQError(zmq.EFSM)
        self._number += 1
        self._head = HEAD.pack(self._client, self._number)
        self.frame = headed(self._head, body)
        moment = now()
        self.attempts = Attempts(self.policy, moment + self.policy.timeout, moment)
        return self.attempts

    def open(self) -> Attempts:
        """Return the open request. Raise zmq.ZMQError (EFSM) where there is none."""
        if self.attempts is None:
            raise zmq.ZMQError(zmq.EFSM)
        return self.attempts

    def take(self, frames: Sequence[bytes], most: int | None = None) -> list[bytes] | None:
        """Return the parts of a reply, ``most`` at most, where it is that of the open request, which is closed then."""
        if len(frames) != 1 or not frames[0].startswith(self._head):
            return None  # to an attempt that was given up, mostly
        try:
            found = parts(frames[0], most)
        except BadFrames as error:
            self.dropped(str(error))
            return None
        self.attempts = None
        return found

    def give_up(self, *, told: bool) -> NoReplyError | DrainedError:
        """Close the request without a reply; return the error to raise, which is no failure where we are ``told``."""
        seconds = now() - self.open().began
        self.attempts = None
        if told:
            return DrainedError()
        return NoReplyError(f"{self.name}: no reply to {self.policy.attempts} attempts in {seconds:.3g} s")


class RequestSocket:
    """What a program has in the place of a REQ: ``send``, then ``recv``."""

    def __init__(
        self,
        raw: zmq.Socket[bytes],
        policy: RetryPolicy,
        name: str,
        ended: Callable[[], bool],
        told: Callable[[], bool] = lambda: False,
    ) -> None:
        """``ended`` tells that no reply can come any more, ``told`` that the attempt in hand is to be the last."""
        self.raw = raw
        self._asking = RequestState(name, policy)
        self._ended, self._told = ended, told
        raw.setsockopt(zmq.RCVTIMEO, int(policy.timeout * 1000) + 1)

    def send(self, body: Any, flags: int = 0) -> None:
        """Ask. Where no server is connected the request waits for ``recv``. Raise zmq.ZMQError (EFSM) out of turn."""
        attempts = self._asking.begin((body,))
        attempts.sent = self._send(0)

    def send_multipart(self, body: Sequence[Any], flags: int = 0) -> None:
        """Ask with several parts, as ``send`` does."""
        attempts = self._asking.begin(body)
        attempts.sent = self._send(0)

    def recv(self, flags: int = 0) -> bytes:
        """Return the reply. Raise NoReplyError, zmq.ZMQError (EFSM) out of turn, zmq.Again when the node stops."""
        return self._recv(1)[0]

    def recv_multipart(self, flags: int = 0) -> list[bytes]:
        """Return the parts of the reply, as ``recv`` does."""
        return self._recv(None)

    @property
    def dropped(self) -> int:
        """How many replies were none, or had more parts than were asked for."""
        return self._asking.dropped.count

    def _recv(self, most: int | None) -> list[bytes]:
        attempts = self._asking.open()
        while (left := attempts.left(now(), last=self._told())) > 0:
            if self._ended():
                raise DrainedError
            if not attempts.sent:
                attempts.sent = self._send(min(left, LOOK))
                continue
            found = self._asking.take(self._receive(left), most)
            if found is not None:
                return found
        raise self._asking.give_up(told=self._told())

    def request(self, body: Any) -> bytes:
        """Ask, and return the reply."""
        self.send(body)
        return self.recv()

    def messages(self, ended: Callable[[], bool]) -> Iterator[bytes]:
        """Yield replies, one for each request that was sent before, until ``ended``."""
        while True:
            try:
                reply = self.recv()
            except zmq.Again as error:
                if ended() or isinstance(error, DrainedError):
                    return
                raise
            yield reply

    def _send(self, seconds: float) -> bool:
        """Send an attempt; where nobody is connected, wait so long for somebody, and tell that it was not sent."""
        try:
            self.raw.send(b"", _MORE)
            self.raw.send(self._asking.frame, _DONTWAIT)
        except zmq.Again:
            if seconds:
                self.raw.poll(int(seconds * 1000) + 1, zmq.POLLOUT)
            return False
        return True

    def _receive(self, seconds: float) -> list[bytes]:
        """Return what arrives within so many seconds, else an empty list. Raise zmq.Again where it has ended."""
        try:
            late = seconds < 0.9 * self._asking.policy.timeout  # else the timeout of the socket is near enough
            if late and not self.raw.poll(int(seconds * 1000) + 1):
                return []
            delimiter = self.raw.recv()
        except zmq.Again:
            if self._ended():
                raise
            if self._told():
                time.sleep(min(seconds, PAUSE))  # the socket does not wait any more
            return []
        frames = _rest(self.raw, self.raw.recv()) if self.raw.getsockopt(_RCVMORE) else []
        return [] if delimiter else frames  # else the rest of one that an exception has cut


class ReplyState:
    """The requests of all clients at one server."""

    def __init__(self, name: str, policy: RetryPolicy) -> None:
        self.dropped = Dropped(name)
        self._secret = policy.secret
        self._known: set[bytes] = set()
        self._answered = Answered() if policy.deduplicate else None
        self._head = b""
        self.replied = 0.0

    def take(self, frames: list[bytes], most: int | None = None) -> bytes | list[bytes]:
        """Return the parts of a request, ``most`` at most, or the frame to send where it needs no other answer.

        What is no request of a client is dropped; a REP has to reply before it can receive.
        """
        try:
            return self._take(frames, most)
        except BadFrames as error:
            self.dropped(str(error))
            return b""

    def _take(self, frames: list[bytes], most: int | None) -> bytes | list[bytes]:
        if len(frames) > 1 and not frames[0]:
            return b""  # a delimiter without its request, and another one behind it
        head = frames[0][: HEAD.size]
        if len(frames) > 1 or len(head) < HEAD.size:
            raise BadFrames("not retry/1, does the client speak it?")
        if self._secret:
            self._prove(head[: 2 * RANDOM])
        found = parts(frames[0], most)
        if self._answered is not None:
            known = self._answered.look(*_named(head), now())
            if known != "new":
                return headed(head, () if known == "old" else known)  # who asks no more only has to be let go
        self._head = head
        return found

    def _prove(self, client: bytes) -> None:
        if client in self._known:
            return
        if not is_client(self._secret, client):
            raise BadFrames("its client is none of this edge")
        if len(self._known) >= CLIENTS:
            self._known.clear()
        self._known.add(client)

    def reply(self, body: Sequence[Any]) -> bytes:
        """Return what to send for a reply. Raise zmq.ZMQError (EFSM) out of turn."""
        if not self._head:
            raise zmq.ZMQError(zmq.EFSM)
        head, self._head = self._head, b""
        self.replied = now()
        if self._answered is not None:
            self._answered.store(*_named(head), [as_bytes(part) for part in body], self.replied)
        return headed(head, body)


class ReplySocket:
    """What a program has in the place of a REP: ``recv``, then ``send``."""

    def __init__(self, raw: zmq.Socket[bytes], policy: RetryPolicy, name: str) -> None:
        self.raw = raw
        self._answering = ReplyState(name, policy)

    @property
    def replied(self) -> float:
        """When the last reply was sent, in seconds of CLOCK_MONOTONIC; 0 for never."""
        return self._answering.replied

    def recv(self, flags: int = 0) -> bytes:
        """Return the next request, one that was not answered before. Raise as zmq's."""
        return self._recv(flags, 1)[0]

    def recv_multipart(self, flags: int = 0) -> list[bytes]:
        """Return the parts of the next request, as ``recv`` does."""
        return self._recv(flags, None)

    @property
    def dropped(self) -> int:
        """How much has arrived that was no request of a client, or had more parts than were asked for."""
        return self._answering.dropped.count

    def _recv(self, flags: int, most: int | None) -> list[bytes]:
        while True:
            found = self._answering.take(_rest(self.raw, self.raw.recv(flags)), most)
            if isinstance(found, list):
                return found
            self.raw.send(found)

    def send(self, body: Any, flags: int = 0) -> None:
        """Reply. Raise as zmq's."""
        self.raw.send(self._answering.reply((body,)), flags)

    def send_multipart(self, body: Sequence[Any], flags: int = 0) -> None:
        """Reply with several parts."""
        self.raw.send(self._answering.reply(body), flags)

    def messages(self, ended: Callable[[], bool]) -> Iterator[bytes]:
        """Return requests until ``ended``; each is to be answered before the next."""
        return received(self.recv, ended)

    def poll(self, timeout: int | None = None, flags: int = zmq.POLLIN) -> int:
        """Return whether something can be received, as zmq's; it may be a request that was answered before."""
        return self.raw.poll(timeout, flags)


def headed(head: bytes, body: Sequence[Any]) -> bytes:
    """Return the frame of a request or a reply of so many parts; of none it is as of an empty one."""
    if len(body) > 1:
        return head + SEVERAL + pack([as_bytes(part) for part in body])
    return head + ONE + as_bytes(body[0] if body else b"")


def parts(frame: bytes, most: int | None = None) -> list[bytes]:
    """Return the parts that a frame has behind its head. Raise BadFrames, also where there are more than ``most``."""
    if frame[HEAD.size : HEAD.size + 1] == ONE:
        return [frame[HEAD.size + 1 :]]
    try:
        if frame[HEAD.size : HEAD.size + 1] != SEVERAL:
            raise BadFrame("nothing stands behind its head")
        found = list(unpack(frame[HEAD.size + 1 :]))
    except BadFrame as error:
        raise BadFrames(f"not retry/1: {error}") from None
    if most is not None and len(found) > most:
        raise BadFrames(f"it has {len(found)} parts; use recv_multipart")
    return found


def _rest(raw: zmq.Socket[bytes], first: bytes) -> list[bytes]:
    return [first, *raw.recv_multipart()] if raw.getsockopt(_RCVMORE) else [first]


def _named(head: bytes) -> tuple[bytes, int]:
    client, number = HEAD.unpack(head)
    return client, number
