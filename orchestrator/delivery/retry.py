"""Sockets of an edge that retries: a request is sent again until its own reply is there.

Beneath a REQ is a DEALER, which may send again and receives whatever comes; what is no reply to the request that is
open is dropped (guide, chapter 4, Lazy Pirate). Only peers whose connection stands are asked (ZMQ_IMMEDIATE), in turn:
so another attempt reaches another server, where there are several.
"""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import zmq

from orchestrator.delivery.attempts import HEAD, Answered, Attempts, Patience
from orchestrator.delivery.filling import as_bytes
from orchestrator.node.errors import OrchestratorError

_DONTWAIT = int(zmq.DONTWAIT)

now = time.monotonic


class NoReply(OrchestratorError):
    """No attempt was answered in time. Whether one was carried out nobody knows."""


class BadRequest(OrchestratorError):
    """What arrived is no ``retry/1``, or has other parts than the program asks for."""


class Asking:
    """The requests of one client, in turn: their numbers, and which reply belongs to the one that is open."""

    def __init__(self, name: str, patience: Patience) -> None:
        self.name, self.patience = name, patience
        self._client = os.urandom(16)
        self._number = 0
        self.parts: list[bytes] = []
        self.attempts: Attempts | None = None

    def begin(self, body: Sequence[bytes]) -> Attempts:
        """Open a request. Raise zmq.ZMQError (EFSM) while another one is open, as a REQ does."""
        if self.attempts is not None:
            raise zmq.ZMQError(zmq.EFSM)
        self._number += 1
        self.parts = [b"", HEAD.pack(self._client, self._number), *body]
        self.attempts = Attempts(self.patience, now() + self.patience.timeout)
        return self.attempts

    def open(self) -> Attempts:
        """Give the open request. Raise zmq.ZMQError (EFSM) where there is none."""
        if self.attempts is None:
            raise zmq.ZMQError(zmq.EFSM)
        return self.attempts

    def take(self, parts: list[bytes]) -> list[bytes] | None:
        """Give the reply in what has arrived, and close the request; None where it belongs to another one."""
        if len(parts) < 2 or parts[0] or parts[1] != self.parts[1]:
            return None
        self.attempts = None
        return parts[2:]

    def give_up(self) -> NoReply:
        """Close the request without a reply."""
        self.attempts = None
        total = self.patience.timeout * self.patience.times
        return NoReply(f"{self.name}: no reply to {self.patience.times} attempts in {total:g} s")


class RequestSocket:
    """What a program has in the place of a REQ: ``send``, then ``recv``."""

    def __init__(self, raw: zmq.Socket[bytes], patience: Patience, name: str, ended: Callable[[], bool]) -> None:
        self.raw = raw
        self._asking = Asking(name, patience)
        self._ended = ended

    def send(self, body: Any, flags: int = 0) -> None:
        """Ask. Where no server is connected the request waits for ``recv``. Raise zmq.ZMQError (EFSM) out of turn."""
        self.send_multipart([body])

    def send_multipart(self, body: Sequence[Any], flags: int = 0) -> None:
        """Ask with several parts, as ``send`` does."""
        attempts = self._asking.begin([as_bytes(part) for part in body])
        attempts.sent = self._send(0)

    def recv(self, flags: int = 0) -> bytes:
        """Give the reply. Raise NoReply, zmq.ZMQError (EFSM) out of turn, zmq.Again when the node has to stop."""
        return single(self._asking.name, self.recv_multipart())

    def recv_multipart(self, flags: int = 0) -> list[bytes]:
        """Give the parts of the reply, as ``recv`` does."""
        attempts = self._asking.open()
        while (left := attempts.left(now())) > 0:
            if not attempts.sent:
                attempts.sent = self._send(left)
            elif (parts := self._receive(left)) and (reply := self._asking.take(parts)) is not None:
                return reply
        raise self._asking.give_up()

    def request(self, body: Any) -> bytes:
        """Ask, and give the reply."""
        self.send(body)
        return self.recv()

    def messages(self, ended: Callable[[], bool]) -> Iterator[bytes]:
        """Give replies, one for each request that was sent before, until ``ended``."""
        while True:
            try:
                reply = self.recv()
            except zmq.Again:
                if ended():
                    return
                raise
            yield reply

    def _send(self, seconds: float) -> bool:
        if not self.raw.poll(int(seconds * 1000) + bool(seconds), zmq.POLLOUT):
            return False
        try:
            self.raw.send_multipart(self._asking.parts, _DONTWAIT)
        except zmq.Again:
            return False
        return True

    def _receive(self, seconds: float) -> list[bytes]:
        """Give what arrives within so many seconds, nothing where nothing does. Raise zmq.Again at the end."""
        if self._ended():
            raise zmq.Again
        try:
            self.raw.setsockopt(zmq.RCVTIMEO, int(seconds * 1000) + 1)
            return self.raw.recv_multipart()
        except zmq.Again:
            if self._ended():
                raise
            return []


class Answering:
    """The requests of all clients at one server."""

    def __init__(self, name: str, patience: Patience) -> None:
        self.name = name
        self._answered = Answered() if patience.deduplicate else None
        self._head = b""

    def take(self, parts: list[bytes]) -> tuple[list[bytes], bool]:
        """Give what has arrived and whether it is a request: else it is what to send, since it was answered before.

        Raise BadRequest.
        """
        head, *body = parts
        try:
            client, number = HEAD.unpack(head)
        except struct.error:
            raise BadRequest(f"{self.name}: not retry/1, does the client speak it?") from None
        if self._answered is not None:
            found = self._answered.look(client, number, now())
            if found != "new":
                return [head, *(() if found == "old" else found)], False  # who asks no more only has to be let go
        self._head = head
        return body, True

    def reply(self, body: list[bytes]) -> list[bytes]:
        """Give what to send for a reply. Raise zmq.ZMQError (EFSM) out of turn."""
        if not self._head:
            raise zmq.ZMQError(zmq.EFSM)
        head, self._head = self._head, b""
        if self._answered is not None:
            client, number = HEAD.unpack(head)
            self._answered.store(client, number, body, now())
        return [head, *body]


class ReplySocket:
    """What a program has in the place of a REP: ``recv``, then ``send``."""

    def __init__(self, raw: zmq.Socket[bytes], patience: Patience, name: str) -> None:
        self.raw = raw
        self._answering = Answering(name, patience)

    def recv(self, flags: int = 0) -> bytes:
        """Give the next request, one that was not answered before. Raise as zmq's, and BadRequest."""
        return single(self._answering.name, self.recv_multipart(flags))

    def recv_multipart(self, flags: int = 0) -> list[bytes]:
        """Give the parts of the next request, as ``recv`` does."""
        while True:
            parts = self.raw.recv_multipart(flags)
            try:
                found, fresh = self._answering.take(parts)
            except BadRequest:
                self.raw.send(b"")  # a REP has to reply before it can receive
                raise
            if fresh:
                return found
            self.raw.send_multipart(found)

    def send(self, body: Any, flags: int = 0) -> None:
        """Reply. Raise as zmq's."""
        self.send_multipart([body], flags)

    def send_multipart(self, body: Sequence[Any], flags: int = 0) -> None:
        """Reply with several parts."""
        self.raw.send_multipart(self._answering.reply([as_bytes(part) for part in body]), flags)

    def messages(self, ended: Callable[[], bool]) -> Iterator[bytes]:
        """Give requests until ``ended``; each is to be answered before the next."""
        while True:
            try:
                request = self.recv()
            except zmq.Again:
                if ended():
                    return
                raise
            yield request

    def poll(self, timeout: int | None = None, flags: int = zmq.POLLIN) -> int:
        """Tell whether something can be received, as zmq's; it may be a request that was answered before."""
        return self.raw.poll(timeout, flags)


def single(name: str, parts: list[bytes]) -> bytes:
    """Give the one part of a message. Raise BadRequest where there are others."""
    if len(parts) != 1:
        raise BadRequest(f"{name}: a message of {len(parts)} parts; use recv_multipart")
    return parts[0]
