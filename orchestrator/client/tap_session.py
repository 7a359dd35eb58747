"""Listening to edges of a running mesh until it ends, a time is over, or Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from orchestrator.client import select_mesh
from orchestrator.client.remarks import Remark, silent
from orchestrator.project.errors import UsageError
from orchestrator.shortlist import listed

if TYPE_CHECKING:
    from orchestrator.contract.folders import Folders
    from orchestrator.plan.model import Plan
    from orchestrator.tap.buffer import TappedMessage
    from orchestrator.tap.losses import LossReport
    from orchestrator.tap.sources import Source

MOST = 64 << 20
"""Bytes that wait to be written; what has no room is dropped and counted."""

MEET_WITHIN = 5.0
"""Seconds in which publishers that run are reached."""

LOOK_EVERY = 0.1


class TapSession:
    """What flows on edges, from the moment it is made. Raise UsageError where an edge cannot be heard."""

    def __init__(
        self, of: Folders, plan: Plan, edges: Sequence[str], topics: Sequence[str], remark: Remark = silent
    ) -> None:
        from zmq import ZMQError

        from orchestrator.delivery.journal.errors import JournalError
        from orchestrator.tap.buffer import Buffer
        from orchestrator.tap.listener import Listener

        select_mesh.require_running(of)
        self._of = of
        found = _sources(of, plan, edges)
        if topics and not all(source.endpoint for source, _ in found):
            raise UsageError("--topic: the messages of a durable edge have none")
        self._buffer = Buffer(MOST)
        try:
            self._listener = Listener(found, [topic.encode() for topic in topics] or [b""], self._buffer)
        except (ZMQError, JournalError) as error:
            raise UsageError(f"{plan.mesh}: {error}") from None
        remark(f"{plan.mesh}: {_told(self._listener.met, found, _running(of))}")

    @property
    def losses(self) -> LossReport:
        """What could not be had, once all is over."""
        return self._listener.losses

    def messages(self, seconds: float | None) -> Iterator[list[TappedMessage]]:
        """Yield what is heard, also nothing now and then, until the mesh ends or so many seconds are over."""
        from orchestrator.client import meshes
        from orchestrator.client.presence import Presence

        presence = Presence(self._of)
        deadline = None if seconds is None else time.monotonic() + seconds
        going = meshes.runs(self._of)
        while (found := self._buffer.take(LOOK_EVERY)) is not None:
            yield found
            if going and presence.gone():
                going = False
                self._listener.finish()
            if deadline is not None and time.monotonic() > deadline:
                self.stop()
        if self._listener.problem:
            raise UsageError(self._listener.problem)

    def stop(self) -> None:
        """Hear no more; what was heard is still to be had."""
        self._listener.stop()


def _sources(of: Folders, plan: Plan, edges: Sequence[str]) -> list[tuple[Source, str]]:
    """Find the senders and where to hear each. Raise UsageError."""
    from difflib import get_close_matches

    from orchestrator.client import requests
    from orchestrator.control.verbs import Addresses
    from orchestrator.tap.sources import NotTappableError, sources

    known = [edge.name for edge in plan.edges]
    found: list[tuple[Source, str]] = []
    for edge in dict.fromkeys(edges):
        if edge not in known:
            near = get_close_matches(edge, known, 1)
            help_ = f"did you mean {near[0]}?" if near else f"edges: {', '.join(known) or 'none'}"
            raise UsageError(f"no edge {edge}; {help_}")
        try:
            senders = sources(plan, edge)
        except NotTappableError as error:
            raise UsageError(f"{of.run.name}: {error}") from None
        addresses = requests.answered(of, Addresses(edge))
        found += [
            (each, addresses[each.endpoint] if each.endpoint else f"{of.journals}/{each.socket}") for each in senders
        ]
    return found


def _running(of: Folders) -> set[str]:
    """Return the processes that are there. Raise UsageError."""
    from orchestrator.client import requests
    from orchestrator.control.verbs import Ps

    return {one["name"] for one in requests.answered(of, Ps())["processes"] if one["pid"]}


def _told(met: set[str], found: Sequence[tuple[Source, str]], running: set[str]) -> str:
    """Wait until all that run are reached, for a while; say who is heard."""
    deadline = time.monotonic() + MEET_WITHIN
    names = [source.socket for source, _ in found]
    awaited = {name for name in names if name.partition(".")[0] in running}
    while not met >= awaited and time.monotonic() < deadline:
        time.sleep(0.005)
    here = [name for name in names if name in met]
    away = [name for name in names if name not in met]
    said = f"listening to {_few(here) or 'nobody'}"
    return said + (f"; not there yet: {_few(away)}" if away else "")


def _few(names: Sequence[str]) -> str:
    return listed(names, 2 if len(names) > 4 else 4)
