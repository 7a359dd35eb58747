"""Whose connection is whose on a durable edge, as far as that is proved: for a sender, and for a receiver. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.delivery import proof
from orchestrator.delivery.durable.wire import HELLO, STATE, Hello, State
from orchestrator.errors import OrchestratorError

MOST = 8
"""How many connections that call themselves one receiver are greeted; others are, once they have spoken."""


class Receivers:
    """The connections of a sender. One that has said who it is gets a hello; by the state it has proved it."""

    def __init__(self, own: bytes, secret: bytes, stream: bytes, names: tuple[str, ...]) -> None:
        self._own, self._secret, self._stream = own, secret, stream
        self._seen: dict[str, list[bytes]] = {name: [] for name in names}
        self._proved: dict[str, bytes] = {}
        self._before: dict[str, bytes] = {}

    def arrived(self, peer: bytes) -> str | None:
        """Take in a new connection; return whose it says that it is, None where nobody's of ours."""
        said = proof.peer_of(peer)
        if said is None or said.name not in self._seen:
            return None
        seen = self._seen[said.name]
        if peer in seen:
            seen.remove(peer)
        del seen[: max(0, len(seen) - MOST + 1)]
        seen.append(peer)
        return said.name

    def speaks(self, peer: bytes, state: State | None) -> str | None:
        """Tell who says something, a state or something else; None where it is not proved."""
        said = proof.peer_of(peer)
        if said is None or said.name not in self._seen:
            return None
        if state is not None and self._proves(peer, state):
            if (before := self._proved.get(said.name, peer)) != peer:
                self._before[said.name] = before
            self._proved[said.name] = peer
        return said.name if self._proved.get(said.name) == peer else None

    def was(self, peer: bytes) -> bool:
        """Return whether a connection is that of a receiver's life before, of which something may still be queued."""
        return peer in self._before.values()

    def to_greet(self, name: str) -> list[bytes]:
        """Return the connections that call themselves a receiver."""
        return list(self._seen[name])

    def of(self, name: str) -> bytes | None:
        """Return the connection that has proved to be a receiver's."""
        return self._proved.get(name)

    def gone(self, name: str, peer: bytes) -> None:
        """Forget a connection."""
        if self._proved.get(name) == peer:
            self._before[name] = self._proved.pop(name)
        if peer in self._seen[name]:
            self._seen[name].remove(peer)

    def hello(self, peer: bytes, hello: Hello) -> Hello:
        """Return a hello with its token for one connection."""
        return hello._replace(
            token=proof.token(self._secret, HELLO, *_said(self._own, peer, hello.session, hello.stream))
        )

    def _proves(self, peer: bytes, state: State) -> bool:
        said = _said(self._own, peer, state.session, self._stream)
        return proof.proves(self._secret, state.token, STATE, *said)


@dataclass(slots=True)
class AdmittedSender:
    """A sender as its hello has proved: generation, stream, its connection, and that of the one before."""

    generation: int
    stream: bytes
    peer: bytes
    before: bytes = b""


class Senders:
    """The connections of a receiver. A hello proves who it is; nothing else is heard of one that has not said it."""

    def __init__(self, own: bytes, secret: bytes) -> None:
        self._own, self._secret = own, secret
        self._known: dict[str, AdmittedSender] = {}
        self._names: dict[bytes, str] = {}

    def admit(self, peer: bytes, hello: Hello) -> str:
        """Take in a hello; give who it is. Raise NotAdmitted."""
        said = proof.peer_of(peer)
        if said is None:
            raise NotAdmitted("it has no name of a mesh")
        given = _said(peer, self._own, hello.session, hello.stream)
        if not proof.proves(self._secret, hello.token, HELLO, *given):
            raise NotAdmitted("its token is wrong")
        known, before = self._known.get(said.name), b""
        if known is not None:
            if said.generation < known.generation:
                raise NotAdmitted(f"it is of generation {said.generation}, and {known.generation} is there")
            # Without a mesh (generation 0) one that is started anew may have another journal.
            if said.generation == known.generation and said.generation and hello.stream != known.stream:
                raise NotAdmitted("another process of that name is there, with another stream")
            self._names.pop(known.peer, None)
            before = known.before if known.peer == peer else known.peer
        self._known[said.name] = AdmittedSender(said.generation, hello.stream, peer, before)
        self._names[peer] = said.name
        return said.name

    def name(self, peer: bytes) -> str | None:
        """Return who a connection has proved to be."""
        return self._names.get(peer)

    def was(self, peer: bytes) -> bool:
        """Return whether a connection is that of a sender's life before, of which something may still be queued."""
        said = proof.peer_of(peer)
        known = None if said is None else self._known.get(said.name)
        return known is not None and known.before == peer

    def of(self, name: str) -> bytes:
        """Return a sender's connection."""
        return self._known[name].peer

    def state(self, peer: bytes, state: State) -> State:
        """Return a state with its token, for one who is admitted."""
        stream = self._known[self._names[peer]].stream
        said = _said(peer, self._own, state.session, stream)
        return state._replace(token=proof.token(self._secret, STATE, *said))


class NotAdmitted(OrchestratorError):
    """A hello that is not of this edge, or of one who is gone."""


def _said(sender: bytes, receiver: bytes, session: int, stream: bytes) -> tuple[bytes, ...]:
    return sender, receiver, session.to_bytes(8, "little"), stream
