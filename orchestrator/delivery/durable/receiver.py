"""What the receiver of a durable edge does: it gives each message once, as far as its cursor knows.

Pure but for the cursor. It hears a message only once everything that it has given before is acknowledged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from orchestrator.delivery.durable.intervals import AcknowledgedIntervals
from orchestrator.delivery.durable.wire import Ack, Bye, Data, Hello, Interval, Leave, Probe, Reset, Said, State

CREDIT = 16
"""How many batches may be on their way to one receiver."""


class Delivery(NamedTuple):
    """What is to be given: the batch of a stream, without the ``skip`` messages that are acknowledged."""

    stream: bytes
    first: int
    skip: int


@dataclass(slots=True)
class Session:
    """Where a sender stands: ``acknowledged`` batches, of which it knows ``told``."""

    number: int
    stream: bytes
    acknowledged: int = 0
    told: int = 0
    left: bool = False


class ReceiverState:
    """All senders of one socket. ``known`` is what its cursor has, by stream."""

    def __init__(self, known: dict[bytes, AcknowledgedIntervals]) -> None:
        self._known = known
        self._sessions: dict[str, Session] = {}
        self._refused: dict[str, int] = {}
        self._current: tuple[Session, int, int] | None = None

    def hear(self, name: str, said: Said, count: int) -> tuple[Said | None, Delivery | None]:
        """Take in what a sender says, which comes with a batch of ``count`` messages; return the answer, and what to
        give to the program.
        """
        session = self._sessions.get(name)
        match said:
            case Data(number, place, skip, first, low, _):
                if session is None or session.number != number or place != session.acknowledged:
                    return self._refuse(name, number), None
                return None, self._deliver(session, first, skip, low, count)
            case Hello(number, stream, low, _):
                if session is None or session.number != number:
                    self._sessions[name] = session = Session(number, stream)
                    self._refused.pop(name, None)
                if session.acknowledged:
                    return Ack(number, session.acknowledged), None  # an old greeting that was long on its way
                return State(number, CREDIT, self._intervals(stream, low)), None
            case Probe(number, sent):
                if session is None or session.number != number or sent != session.acknowledged:
                    self._refused.pop(name, None)  # it has not heard that it was refused
                    return self._refuse(name, number), None
                session.told = session.acknowledged
                return Ack(number, session.acknowledged), None
            case Bye(number):
                if session is not None and session.number == number:
                    session.left = True
        return None, None

    def done(self) -> None:
        """Note that what was delivered last is acknowledged as a whole."""
        if self._current is not None:
            session, first, end = self._current
            self._current = None
            self._of(session.stream).add(first, end)
            session.acknowledged += 1

    def acknowledgements(self) -> list[tuple[str, Said]]:
        """Return what senders do not know yet."""
        found: list[tuple[str, Said]] = []
        for name, session in self._sessions.items():
            if session.told < session.acknowledged:
                session.told = session.acknowledged
                found.append((name, Ack(session.number, session.acknowledged)))
        return found

    def leaving(self, part: int) -> list[tuple[str, Said]]:
        """Return what senders must know before it goes; ``part`` messages of the last delivery are acknowledged."""
        return [
            (
                name,
                Leave(
                    session.number, session.acknowledged, part if self._current and self._current[0] is session else 0
                ),
            )
            for name, session in self._sessions.items()
            if not session.left
        ]

    def _deliver(self, session: Session, first: int, skip: int, low: int, count: int) -> Delivery | None:
        known = self._of(session.stream)
        known.forget(low)
        skip = max(skip, known.prefix(first, first + count))
        self._current = (session, first, first + count)
        if skip >= count:
            self.done()
            return None
        return Delivery(session.stream, first, skip)

    def _refuse(self, name: str, number: int) -> Said | None:
        """Ask for another session, once for each that there was: what is behind it in the queues is of the same."""
        if self._refused.get(name) == number:
            return None
        self._refused[name] = number
        self._sessions.pop(name, None)
        return Reset(number)

    def _intervals(self, stream: bytes, low: int) -> tuple[Interval, ...]:
        known = self._of(stream)
        known.forget(low)
        return known.intervals()

    def _of(self, stream: bytes) -> AcknowledgedIntervals:
        return self._known.setdefault(stream, AcknowledgedIntervals())
