"""Who is at the other end of a side channel, as far as that is proved: for a publisher, and for a subscriber. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.delivery import proof
from orchestrator.delivery.replay.wire import CATALOG, Catalog

PRESENT = 3.0
"""Seconds after which a subscriber that has said nothing is taken to be gone; it asks each second while it listens."""


@dataclass(slots=True)
class Reader:
    """A subscriber: its connection, the generation of its process, and when it was heard."""

    peer: bytes
    generation: int
    heard: float


class Readers:
    """The subscribers of a publisher. One is heard once it has proved by a token who it is."""

    def __init__(self, name: str, generation: int, secret: bytes, stream: bytes) -> None:
        self._name, self._generation, self._secret, self._stream = name.encode(), generation, secret, stream
        self._readers: dict[str, Reader] = {}

    def admit(self, peer: bytes, token: bytes, now: float) -> str:
        """Take in that somebody asks for what there is; return why he is not heard, nothing where he is."""
        said = proof.peer_of(peer)
        if said is None or not proof.proves(self._secret, token, b"F", peer, self._name):
            return "its token is wrong"
        known = self._readers.get(said.name)
        if known is not None and known.peer != peer:
            if said.generation < known.generation:
                return f"it is of generation {said.generation}, and {known.generation} is there"
            if said.generation == known.generation and now - known.heard < PRESENT:
                return "another process of that name is there"
        self._readers[said.name] = Reader(peer, said.generation, now)
        return ""

    def hears(self, peer: bytes, now: float) -> bool:
        """Return whether a connection is that of a subscriber."""
        said = proof.peer_of(peer)
        known = None if said is None else self._readers.get(said.name)
        if known is None or known.peer != peer:
            return False
        known.heard = now
        return True

    def present(self, now: float) -> list[bytes]:
        """Return the connections of those who are there."""
        return [each.peer for each in self._readers.values() if now - each.heard < PRESENT]

    def gone(self, peer: bytes) -> None:
        """Forget a connection."""
        self._readers = {name: each for name, each in self._readers.items() if each.peer != peer}

    def answer(self, peer: bytes) -> tuple[int, bytes]:
        """Return our generation, and a token for one who has asked."""
        generation = self._generation.to_bytes(8, "little")
        return self._generation, proof.token(self._secret, CATALOG, peer, self._name, generation, self._stream)


class Publishers:
    """The publishers of a subscriber, whose routing ids are their names. One is heard once it has proved it."""

    def __init__(self, own: bytes, secret: bytes) -> None:
        self._own, self._secret = own, secret
        self._proved: dict[str, int] = {}

    def asking(self, name: str) -> bytes:
        """Return the token with which a publisher is asked."""
        return proof.token(self._secret, b"F", self._own, name.encode())

    def admit(self, name: str, said: Catalog) -> str:
        """Take in what a publisher has; return why it is not heard, nothing where it is."""
        generation = said.generation.to_bytes(8, "little")
        if not proof.proves(self._secret, said.token, CATALOG, self._own, name.encode(), generation, said.stream):
            return "its token is wrong"
        if said.generation < self._proved.get(name, 0):
            return f"it is of generation {said.generation}, and {self._proved[name]} is there"
        self._proved[name] = said.generation
        return ""

    def hears(self, name: str) -> bool:
        """Return whether a publisher has proved who it is."""
        return name in self._proved
