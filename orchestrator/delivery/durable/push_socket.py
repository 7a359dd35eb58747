"""What a program has in the place of a PUSH whose edge is durable: ``send`` returns once the journal has it.

Two threads use the socket beneath, in turn, by a lock: the one that sends, while it does, and one of ours that hears
receivers, sends again and sends the tail of a burst once the first one has stopped.
"""

from __future__ import annotations

import os
import select
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, NoReturn

import zmq

from orchestrator.delivery.batch.limits import as_bytes
from orchestrator.delivery.drained import DrainedError
from orchestrator.delivery.dropped import Dropped
from orchestrator.delivery.durable.exchange import Exchange
from orchestrator.delivery.durable.fsync_thread import Syncer
from orchestrator.delivery.durable.peers import Receivers
from orchestrator.delivery.durable.sender import SenderState
from orchestrator.delivery.durable.settings import Settings
from orchestrator.delivery.journal.errors import JournalError, JournalFullError
from orchestrator.delivery.journal.journal import Journal

_FD, _SNDTIMEO = int(zmq.FD), int(zmq.SNDTIMEO)

_BUSY = 0.003
"""Seconds after which a program that sends is taken to have stopped."""

_LOOK = 50
"""Milliseconds between two looks at whether a receiver is left to wait for."""

_FULL_PAUSE = 0.01
"""Seconds between two looks at whether there is room again."""


class DurablePushSocket:
    """Takes messages, which are bytes. ``raw`` is the socket beneath, a ROUTER: neither send nor receive there."""

    def __init__(
        self, raw: zmq.Socket[bytes], settings: Settings, deserted: Callable[[], bool] = lambda: False
    ) -> None:
        """Open the journal. Raise JournalError. ``deserted`` tells, in a drain, that no receiver is left."""
        self.raw, self._settings, self._name = raw, settings, settings.name
        self._deserted = deserted
        self._limits, self._large = settings.limits, settings.limits.large
        self._full = 1 if settings.fsync == "always" else settings.limits.messages
        self._journal = Journal(settings.folder, settings.max_size, settings.limits)
        self._segment = self._journal.open
        own: Any = raw.getsockopt(zmq.ROUTING_ID)
        receivers = Receivers(own, settings.secret, self._journal.stream, settings.receivers)
        self._dropped = Dropped(settings.name)
        self._sending = _resume(self._journal, settings)
        self._exchange = Exchange(raw, receivers, self._sending, self._journal, self._dropped)
        self._lock = threading.Lock()
        self._sealed_at = self._served_at = float("-inf")
        self._failure: OSError | None = None
        self._wakes_at = float("inf")
        self._calls, self._call = os.pipe()
        os.set_blocking(self._call, False)
        self._ended = False
        self._syncer: Syncer | None = None
        self._thread = threading.Thread(target=self._run, name=f"durable {self._name}", daemon=True)
        _living.add(self)

    def start(self) -> None:
        """Begin to send, once the socket is wired."""
        if self._settings.interval is not None:
            self._syncer = Syncer(self._settings.interval, self._unsynced, self._fail)
        self._thread.start()

    def send(self, message: Any) -> None:
        """Accept one message. Raise JournalFullError or zmq.Again where there is no room, else JournalError."""
        if message.__class__ is not bytes:
            message = as_bytes(message)
        segment, size = self._segment, len(message)
        at, count = segment.end, segment.count
        if at + size > segment.room or count == segment.most:
            segment = self._room(size, 1)
            at, count = segment.end, segment.count
        segment.memory[at : at + size] = message
        segment.lengths[count] = size + 1
        segment.end = at + size
        segment.count = count = count + 1
        waiting = count - segment.sealed
        if waiting >= self._full or size > self._large:
            self._flush()
        elif waiting == 1:
            self._first()

    def send_many(self, messages: Iterable[Any]) -> None:
        """Accept several messages, all or, with an exception, none. Raise as ``send``."""
        many = [each if each.__class__ is bytes else as_bytes(each) for each in messages]
        if not many:
            return
        size, segment = sum(map(len, many)), self._segment
        if not segment.fits(size, len(many)):
            segment = self._room(size, len(many))
        segment.extend(many)
        waiting = segment.count - segment.sealed
        if waiting >= self._full:
            self._flush()
        else:
            self._first()

    def send_if_room(self, messages: Sequence[Any]) -> bool:
        """Accept messages if there is room without waiting; return whether there was. Raise JournalError."""
        many = list(map(as_bytes, messages))
        room = self._segment.fits(sum(map(len, many)), len(many))
        if room:
            self.send_many(many)
        return room

    def flush(self) -> None:
        """Send what waits for company, as far as receivers take it; the rest goes later."""
        with self._lock:
            self._seal()
            self._exchange.turn()

    @property
    def unacknowledged(self) -> int:
        """How many messages are not known to be acknowledged."""
        with self._lock:
            return self._sending.unacknowledged + self._journal.unsealed

    @property
    def dropped(self) -> int:
        """How much has arrived that was no word of a receiver of its edges."""
        return self._dropped.count

    def finish(self, seconds: float) -> int:
        """Wait so many seconds for acknowledgements, then close the journal; return how many messages stay in it."""
        _living.discard(self)
        deadline = time.monotonic() + seconds
        self._ended = True
        self._wake()
        if self._thread.is_alive():
            self._thread.join()
        if self._syncer is not None:
            self._syncer.end()
        with suppress(zmq.ZMQError):
            self._last(deadline)
        left = self._sending.unacknowledged + self._journal.unsealed
        if self._settings.fsync != "never" and self._failure is None:
            self._journal.seal()
            self._journal.sync()
        self._journal.close()
        os.close(self._calls)
        os.close(self._call)
        return left

    def forked(self) -> None:
        """Be of no use in a child of the process: the journal is its parent's."""
        self.send = self.send_many = self.flush = _refuse  # type: ignore[method-assign]

    def _last(self, deadline: float) -> None:
        self._seal()
        while True:
            when = self._exchange.turn()
            now = time.monotonic()
            if self._sending.settled or now >= deadline or self._deserted():
                return
            left = min(deadline, when if when is not None else deadline) - now
            self.raw.poll(min(_LOOK, max(1, int(left * 1000))))

    def _first(self) -> None:
        """See to a message that nothing waits before: after a quiet time it goes at once, else with its company."""
        now = time.monotonic()
        if now - self._sealed_at >= self._limits.delay:
            self._flush()
        elif self._wakes_at > now + self._limits.delay:
            self._wake()

    def _flush(self) -> None:
        """Seal and send. Where the thread is at it this waits: it would wait for Python's own lock else, with ours."""
        with self._lock:
            self._seal()
            if self._settings.fsync == "always":
                self._sync()
            self._turn_and_see()
        self._served_at = time.monotonic()
        if self._failure is not None:
            self._check()

    def _sync(self) -> None:
        self._check()
        try:
            self._journal.sync()
        except OSError as error:
            self._fail(error)
            self._check()

    def _turn_and_see(self) -> None:
        when = self._exchange.turn()
        if when is not None and when < self._wakes_at:
            self._wake()

    def _room(self, size: int, count: int) -> Any:
        """Go on in a new segment; give it. Raise as ``send``."""
        self._check()
        patience = self.raw.getsockopt(_SNDTIMEO)
        deadline = float("inf") if patience < 0 else time.monotonic() + patience / 1000  # type: ignore[operator]
        told = False
        while True:
            with self._lock:
                self._seal()
                self._exchange.turn()
                self._journal.prune()
                try:
                    for batch in self._journal.roll(size, count):
                        self._sending.add(batch)
                    self._segment = self._journal.open
                    return self._segment
                except JournalFullError as error:
                    if self._settings.on_full == "error":
                        raise
                    if not told:
                        told = True
                        print(f"{self._name}: waits for room: {error}", file=sys.stderr)
            if self._deserted():
                raise DrainedError
            if time.monotonic() >= deadline:
                raise zmq.Again
            time.sleep(_FULL_PAUSE)

    def _seal(self) -> None:
        """Make batches of what is in none. With the lock."""
        if self._journal.unsealed:
            for batch in self._journal.seal():
                self._sending.add(batch)
            self._sealed_at = time.monotonic()
            if self._syncer is not None:
                self._syncer.written()

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._calls, select.POLLIN)
        poll.register(int(self.raw.getsockopt(_FD)), select.POLLIN)
        while not self._ended:
            quiet = time.monotonic() - self._served_at
            if quiet < _BUSY:
                # Who sends does all that is to be done; by taking turns they would wait for each other.
                time.sleep(_BUSY - quiet)
                continue
            try:
                with self._lock:
                    self._wakes_at = float("-inf")
                    if time.monotonic() - self._sealed_at >= self._limits.delay:
                        self._seal()
                    when = self._exchange.turn()
            except zmq.ZMQError:
                return  # the context is gone
            self._wakes_at = float("inf") if when is None else when
            # After that is known: whoever has sent before saw another time, and did not call.
            if self._journal.unsealed:
                self._wakes_at = min(self._wakes_at, max(self._sealed_at, time.monotonic() - 1) + self._limits.delay)
            left = self._wakes_at - time.monotonic()
            if poll.poll(None if left == float("inf") else max(0, int(left * 1000) + 1)):
                self._read_calls()

    def _read_calls(self) -> None:
        ready, _, _ = select.select([self._calls], [], [], 0)
        if ready:
            os.read(self._calls, 4096)

    def _wake(self) -> None:
        self._wakes_at = float("-inf")
        with suppress(BlockingIOError):
            os.write(self._call, b"!")

    def _unsynced(self) -> list[int]:
        with self._lock:
            self._seal()
            return self._journal.unsynced()

    def _fail(self, error: OSError) -> None:
        self._failure = error
        print(f"{self._name}: the journal cannot be synced: {error}; it takes no more messages", file=sys.stderr)

    def _check(self) -> None:
        if self._failure is not None:
            raise JournalError(f"{self._settings.folder}: {self._failure}")


def _resume(journal: Journal, settings: Settings) -> SenderState:
    """Return what is to be sent of a journal, and say what it has lost."""
    if journal.lost:
        lost = f"{journal.lost} messages were not on disk when the machine went down"
        print(f"{settings.name}: {lost}", file=sys.stderr)
    sessions = int.from_bytes(os.urandom(6), "little")
    sending = SenderState(journal.stream, settings.receivers, settings.reassign_after, sessions, time.monotonic())
    for batch in journal.unacknowledged():
        sending.add(batch)
    sending.next = journal.next
    return sending


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise JournalError("the socket of a durable edge is of the process that made it, not of its children")


_living: weakref.WeakSet[DurablePushSocket] = weakref.WeakSet()


def _in_child() -> None:
    for each in list(_living):
        each.forked()


_register: Callable[..., None] | None = getattr(os, "register_at_fork", None)
if _register is not None:
    _register(after_in_child=_in_child)
