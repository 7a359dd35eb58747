"""How often a request is sent, and what a server knows of those it has answered. Pure: time is a number of seconds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from struct import Struct
from typing import Any, Literal

HEAD = Struct("<16sQ")
"""``retry/1``: what each request and reply begins with, a client's random name and the number of its request."""

ONE, SEVERAL = b"\0", b"\1"
"""What stands behind the head: then follows the one part of the program's message, or its parts as ``batch/1``."""

CLIENTS = 10_000
"""How many clients a server remembers, those that have asked last."""

MEMORY = 600.0
"""Seconds that a reply is remembered after the last time that it was asked for."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long one attempt lasts, in seconds, how many there are, and whether servers know a request again.

    ``secret`` is what the processes of its edges alone know.
    """

    timeout: float
    attempts: int
    deduplicate: bool = False
    secret: bytes = b""

    @classmethod
    def of(cls, retry: Mapping[str, Any]) -> RetryPolicy:
        """Read what a wiring says."""
        secret = bytes.fromhex(retry.get("secret", ""))
        return cls(float(retry["timeout"]), int(retry["attempts"]), bool(retry.get("deduplicate")), secret)


@dataclass(slots=True)
class Attempts:
    """One request on its way: which attempt it is in, whether that was sent, and until when it lasts."""

    policy: RetryPolicy
    until: float
    began: float = 0.0
    number: int = 1
    sent: bool = False

    def left(self, now: float, *, last: bool = False) -> float:
        """Return the seconds that are left of this attempt; once it is over, unless it is the ``last``, of the next."""
        if now >= self.until and self.number < self.policy.attempts and not last:
            self.number += 1
            self.until = now + self.policy.timeout
            self.sent = False
        return self.until - now


class Answered:
    """The last request of each client and its reply. Clients wait for a reply before they ask anew."""

    def __init__(self, clients: int = CLIENTS, memory: float = MEMORY) -> None:
        self._clients, self._memory = clients, memory
        self._known: OrderedDict[bytes, tuple[int, float, list[bytes]]] = OrderedDict()

    def look(self, client: bytes, number: int, now: float) -> list[bytes] | Literal["new", "old"]:
        """Return the reply to a request that was answered before, ``new``, or ``old``: older than the last one."""
        self._forget(now)
        known = self._known.get(client)
        if known is None or number > known[0]:
            return "new"
        if number < known[0]:
            return "old"
        self._known[client] = (number, now, known[2])
        self._known.move_to_end(client)
        return known[2]

    def store(self, client: bytes, number: int, reply: list[bytes], now: float) -> None:
        """Remember a reply; before it is sent, so that who is told of it can be told again."""
        self._known[client] = (number, now, reply)
        self._known.move_to_end(client)
        self._forget(now)

    def __len__(self) -> int:
        return len(self._known)

    def _forget(self, now: float) -> None:
        while self._known:
            _, (_, since, _) = next(iter(self._known.items()))
            if len(self._known) <= self._clients and now - since <= self._memory:
                return
            self._known.popitem(last=False)
