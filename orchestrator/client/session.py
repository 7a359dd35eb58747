"""A client that stays with a run: prints it, and stops it when asked to."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from orchestrator.client import connection, sd_notify
from orchestrator.client.errors import MeshGoneError
from orchestrator.client.interrupts import Interrupts
from orchestrator.client.launch import Keeper
from orchestrator.client.presence import INTERVAL
from orchestrator.client.run_view import Run
from orchestrator.client.sd_notify import Manager
from orchestrator.client.start import ANSWER_WITHIN, did_not_start
from orchestrator.contract.codec import Request
from orchestrator.contract.folders import Folders
from orchestrator.contract.statuses import INTERRUPTED
from orchestrator.control import verbs
from orchestrator.control.messages import Ended
from orchestrator.report.status import unwritten

QUESTION = 2.0
"""Seconds between questions whether the mesh can write down what happens: a full disk tells no events."""


@dataclass(frozen=True, slots=True)
class Limit:
    """When a run is stopped, in seconds from now, and whether that is a failure."""

    seconds: float
    fails: bool

    @staticmethod
    def earliest(after: float | None, timeout: float | None) -> Limit | None:
        """Return what comes first of a time after which all is well and one after which it is not."""
        given = [Limit(seconds, fails) for seconds, fails in ((after, False), (timeout, True)) if seconds is not None]
        return min(given, key=lambda limit: limit.seconds, default=None)


class Attached:
    """The loop of an ``up`` that was not told to detach."""

    def __init__(self, of: Folders, run: Run, interrupts: Interrupts, limit: Limit | None = None) -> None:
        self._of = of
        self._run = run
        self._interrupts = interrupts
        self._limit = limit
        self._deadline = None if limit is None else time.monotonic() + limit.seconds
        self._failed = False
        self._asked: set[bool] = set()
        self._told_again = False
        self._problem, self._next_question = "", time.monotonic() + QUESTION
        self._manager = Manager()

    def own(self, keeper: Keeper, answered: Callable[[], object]) -> int:
        """Stay until the end of a run that ends with this process; return the status to exit with. Raise MeshGoneError.

        ``answered`` is called when the supervisor has answered for the first time.
        """
        self._meet(verbs.Own(os.getpid()), keeper)
        answered()
        while not self._run.story.ended:
            # Before its beginning is told, a run would tell of its stop once more.
            if self._run.story.begun and (self._interrupts.drains or self._run.screen.broken or self._timely()):
                self._stop(now=self._interrupts.kills)
            self._look(keeper)
        status = self._end(INTERRUPTED if self._interrupts.kills else self._verdict(self._run.story.ended))
        with contextlib.suppress(subprocess.TimeoutExpired):
            keeper.wait(5)  # nothing of the mesh is left when the command has ended
        return status

    def watch(self, note: Callable[[str], object]) -> int:
        """Stay with a run that goes on without this process, until its end or an interrupt, which is noted.

        Return the status to exit with.
        """
        while not self._run.story.ended:
            if self._interrupts.drains or self._run.screen.broken:
                name = self._of.run.name
                note(f"{name} goes on; orchestrator down {name} ends it")
                return 0
            self._look()
        return self._end(self._run.story.ended["status"])

    def leave(self, keeper: Keeper | None, answered: Callable[[], object], within: float | None) -> int:
        """Stay until all is ready (0), something has failed for good, or ``within`` seconds are over (1).

        Raise MeshGoneError.
        """
        deadline = None if within is None else time.monotonic() + within
        story = self._run.story
        if keeper is not None:
            self._meet(verbs.Info(), keeper)
        answered()
        self._run.look()
        while not (story.up or story.failed or story.ended):
            if self._interrupts.drains:
                return INTERRUPTED
            if deadline is not None and time.monotonic() > deadline:
                blocker = f"; it waits for {story.blocker}" if story.blocker else ""
                self._run.say([f"{self._of.run.name}: not up after {within:g} s{blocker}"])
                return 1
            self._look(keeper)
        return self._end(1) if story.ended and not story.up else int(bool(story.failed))

    def _meet(self, request: Request[Any], keeper: Keeper) -> None:
        """Repeat a request until the new supervisor answers, or until the run is over already."""
        patience = time.monotonic() + ANSWER_WITHIN
        while self._ask(request) is None and not self._run.story.ended:
            over = keeper.poll() is not None
            self._run.look()
            if self._run.story.ended:
                return
            if over or time.monotonic() > patience:
                raise did_not_start(self._of, keeper, begun=bool(self._run.story.begun))
            self._interrupts.wait(INTERVAL)

    def _timely(self) -> bool:
        """Return whether the time is over; the first time say so where that is a failure."""
        if self._deadline is None or time.monotonic() < self._deadline:
            return False
        assert self._limit is not None
        if self._limit.fails and not self._failed and not self._run.story.stopping:
            self._failed = True
            self._run.say([f"{self._of.run.name}: not over after {self._limit.seconds:g} s"])
        return True

    def _verdict(self, ended: Ended) -> int:
        return ended["status"] or int(self._failed)

    def _stop(self, now: bool) -> None:
        again = bool(self._interrupts.drains)
        if again and not self._told_again:
            self._told_again = True
            self._run.say(["it is stopping already; Ctrl-C again kills"] if self._run.story.stopping else [])
        if now in self._asked:
            return
        answer = self._ask(verbs.Down(now))
        if answer is None:
            return  # its supervisor is being started anew; the next round asks again
        self._asked.add(now)
        self._run.say(["killing"] if now else self._run.story.stop(answer.get("order", []), again=again))

    def _ask(self, request: Request[Any]) -> dict[str, Any] | None:
        try:
            answer: dict[str, Any] = connection.ask(self._of.supervisor, request, timeout=2.0)
        except connection.Unreachable:
            return None
        except connection.Refused as error:
            self._run.say([f"{self._of.run.name}: {error}"])
            return {}
        return answer

    def _look(self, keeper: Keeper | None = None) -> None:
        self._run.look()
        if self._run.story.up:
            self._manager.tell("READY=1", f"{self._of.run.name} is up")
        if self._run.story.stopping:
            self._manager.tell("STOPPING=1", f"{self._of.run.name} drains")
        if self._run.story.ended:
            return
        if keeper is not None:
            keeper.poll()  # if it was killed, its successor is not our child, and it need not stay a zombie
            sd_notify.reap(keeper.pid)
        if self._run.gone():
            self._run.look()
            if not self._run.story.ended:
                raise MeshGoneError.named(self._of.run.name)
        self._tell_problem()
        self._interrupts.wait(0 if self._run.behind else INTERVAL)

    def _tell_problem(self) -> None:
        if time.monotonic() < self._next_question:
            return
        self._next_question = time.monotonic() + QUESTION
        try:
            problem = connection.ask(self._of.supervisor, verbs.Info(), timeout=0.5)["problem"]
        except (connection.Unreachable, connection.Refused):
            return
        if problem != self._problem:
            self._problem = problem
            self._run.say([unwritten(problem) if problem else "! what happens can be written down again"])

    def _end(self, status: int) -> int:
        self._run.finish()
        return status
