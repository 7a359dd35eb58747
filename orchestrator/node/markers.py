"""Whether subscriptions have arrived at a PUB, which reads them and tells nobody.

It tells how many distinct prefixes it has. A SUB of ours beside it subscribes to a marker, too: where the number stays
as it is, the marker has been there before. An XPUB would tell each subscription, and keep what its program does not
read for ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import zmq

TOPICS_COUNT = 116
"""ZMQ_TOPICS_COUNT, which a PUB answers since libzmq 4.3.5; pyzmq knows its name only where drafts are built in."""

_SURE = 3
"""How often nobody else may change the number, one after the other, until a marker is believed to be there."""

_TRIES = 20
"""How often it is asked in all where others subscribe all the time."""


_EVENTS = int(zmq.EVENTS)


def countable(pub: zmq.Socket[bytes]) -> bool:
    """Return whether this libzmq can be asked."""
    with suppress(zmq.ZMQError):
        return pub.getsockopt(TOPICS_COUNT) == 0
    return False


class Probe:
    """A SUB beside a PUB, by inproc."""

    def __init__(self, pub: zmq.Socket[bytes], address: str) -> None:
        """Connect it to a PUB that is bound to this address, too. Raise ZMQError."""
        self._pub = pub
        self._sub: zmq.Socket[bytes] = pub.context.socket(zmq.SUB)
        # Else it would drop subscriptions of its own (``sockets._options``).
        self._sub.setsockopt(zmq.SNDHWM, 0)
        self._sub.setsockopt(zmq.LINGER, 0)
        self._sub.connect(address)

    def arrived(self, markers: Iterable[str]) -> bool:
        """Return whether all these markers have arrived; False where it is not sure."""
        topics = _topics(markers)
        if self._count() < len(topics):
            return False
        sure = 0
        for _ in range(_TRIES):
            added, removed = self._change(topics)
            if added == removed > 0:
                return False
            # Where they differ somebody else has subscribed meanwhile, or unsubscribed.
            sure = sure + 1 if added == removed else 0
            if sure == _SURE:
                return True
        return False

    def absent(self, markers: Iterable[str]) -> int:
        """Count the markers that have not arrived, for people: it is wrong where others subscribe meanwhile."""
        return max(0, self._change(_topics(markers))[0])

    def close(self) -> None:
        """Let it go."""
        self._sub.close()

    def _change(self, topics: set[bytes]) -> tuple[int, int]:
        """Subscribe and unsubscribe; give by how much the number has grown and shrunk."""
        before = self._count()
        for topic in topics:
            self._sub.setsockopt(zmq.SUBSCRIBE, topic)
        between = self._count()
        for topic in topics:
            self._sub.setsockopt(zmq.UNSUBSCRIBE, topic)
        return between - before, between - self._count()

    def _count(self) -> int:
        self._pub.getsockopt(_EVENTS)  # what has arrived waits for the socket's own thread
        return int(self._pub.getsockopt(TOPICS_COUNT))


def _topics(markers: Iterable[str]) -> set[bytes]:
    return {b"\xff%s\n" % marker.encode() for marker in markers}
