"""Reading a run from disk while it goes on, and printing it."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

from orchestrator.client import meshes
from orchestrator.client.files import Log, Tail, events
from orchestrator.client.presence import INTERVAL, Presence
from orchestrator.contract.folders import Folders
from orchestrator.control.messages import Event
from orchestrator.report.console import Screen
from orchestrator.report.log import Prefixes, as_json
from orchestrator.report.output import Output
from orchestrator.report.progress import Story

AT_ONCE = 256 * 1024
"""Bytes of a log that are printed before anything else is looked at: some programs never stop to write."""

LOUD = frozenset({"exited", "unstarted", "killed", "unread"})
"""Events that are shown in spite of --quiet."""


class Run:
    """One run as its files tell it: each look prints what has come, as JSON an object a line to standard output."""

    def __init__(
        self,
        of: Folders,
        tail: Tail,
        story: Story,
        logs: Sequence[Log],
        prefixes: Prefixes,
        output: Output,
    ) -> None:
        self.story = story
        self.screen = Screen()
        self._of = of
        self._tail = tail
        self._logs = logs
        self._prefixes = prefixes
        self._quiet = output.quiet
        self._json = output.json
        self._presence = Presence(of)
        self._last: list[tuple[bool, str]] = []
        self._succeeded = False

    def look(self) -> None:
        """Print what has come; the end of the run is kept for ``finish``."""
        if self.screen.pending:
            self.screen.show([])
        told = [(event["time"], not self._json, line) for event in events(self._tail) for line in self._tell(event)]
        line = as_json if self._json else self._prefixes.record
        # Who reads slowly is not given more than that: it lies on disk.
        logs = [] if self.screen.pending else self._logs
        logged = [(record.time, False, line(record)) for log in logs for record in log.new(AT_ONCE)]
        self.screen.show(
            ((remark, line) for _, remark, line in sorted([*told, *logged], key=lambda each: each[0])),
            "" if self._quiet or self._json else self.story.pending,
        )

    @property
    def behind(self) -> bool:
        """Whether there is more to be printed at once."""
        return self.screen.pending or any(log.behind for log in self._logs)

    def say(self, lines: Sequence[str]) -> None:
        """Print remarks of the client itself."""
        if not self._quiet and not self._json:
            self.screen.show([(True, line) for line in lines])

    def gone(self) -> bool:
        """Return whether nobody keeps the mesh any more, though its end was not told."""
        return self._presence.gone()

    def finish(self, timeout: float = 15.0) -> None:
        """Wait until the keeper has left, at most ``timeout`` seconds, then print the last lines and the end."""
        deadline = time.monotonic() + timeout
        while meshes.runs(self._of) and not self._succeeded and time.monotonic() < deadline:
            time.sleep(INTERVAL / 5)
            self.look()
        self.look()
        while self.behind and not self._succeeded:
            self.screen.settle()
            self.look()
        self.screen.show(self._last)
        self.screen.settle()

    def _tell(self, event: Event) -> list[str]:
        if self.story.ended:
            self._succeeded = self._succeeded or event["event"] == "begin"
            return []  # what comes after the end is of another run
        lines = self.story.tell(event)
        if self._json:
            lines = [json.dumps(event)]
        if self._quiet and event["event"] not in LOUD:
            return []
        if event["event"] == "ended":
            self._last = [(not self._json, line) for line in lines]
            return []
        return lines
