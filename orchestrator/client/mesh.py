"""A mesh for programs: brought up, looked at, changed, ended. The command line and the pytest fixture use it too."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestrator.client import select_mesh
from orchestrator.client.errors import MeshTimeoutError
from orchestrator.client.remarks import Remark, silent
from orchestrator.contract import folders
from orchestrator.control import verbs
from orchestrator.project import select_files
from orchestrator.project.errors import UsageError

if TYPE_CHECKING:
    from orchestrator.client.requests import Aim
    from orchestrator.contract.codec import A, Request
    from orchestrator.contract.folders import Folders
    from orchestrator.control.messages import Edges, Ended, Event, Info, Outcome, Status
    from orchestrator.control.records import Record
    from orchestrator.control.verbs import Restart, Start, Stop
    from orchestrator.plan.model import Plan
    from orchestrator.tap.buffer import TappedMessage

    Command = type[Stop | Start | Restart]


class End(NamedTuple):
    """How a mesh, or some of its processes, ended: the exit status, the mesh's state, and how the processes fared."""

    status: int
    state: str
    outcomes: dict[str, Outcome]


class Mesh:
    """A mesh by its name; it need not run. Whoever asks one that does not run is answered with UsageError."""

    def __init__(self, name: str, where: Folders | None = None) -> None:
        self.name = select_files.checked(name)
        self.folders = where or folders.of(self.name)

    def __repr__(self) -> str:
        return f"Mesh({self.name!r})"

    @staticmethod
    def up(
        *files: str,
        sets: Mapping[str, Any] | None = None,
        profiles: Sequence[str] = (),
        name: str = "",
        root: str = "",
        within: float | None = None,
        owned: bool = False,
    ) -> Mesh:
        """Start the mesh of a file, and of those that overlay it, unless it runs, and wait until all of it is ready.

        ``owned``: it drains when this process dies. Raise UsageError with all that is wrong with the files, MeshError
        where something has failed for good, and MeshTimeoutError after ``within`` seconds.
        """
        from orchestrator.client import start
        from orchestrator.project.selection import Selection

        values = {key: str(value) for key, value in (sets or {}).items()}
        selection = Selection(tuple(select_files.files(None, files)), values, tuple(profiles), name, root)
        mesh = Mesh(start.detached(selection, within))
        if owned:
            mesh.own()
        return mesh

    def own(self) -> None:
        """Have it drain when this process dies."""
        self._ask(verbs.Own(os.getpid()))

    @property
    def runs(self) -> bool:
        """Whether it runs."""
        from orchestrator.client import meshes

        return meshes.runs(self.folders)

    @property
    def plan(self) -> Plan:
        """The plan that it runs, or ran last. Raise UsageError where it never did."""
        return select_mesh.plan_in(self.folders)

    def processes(self, *patterns: str) -> list[str]:
        """Return the processes that nodes, processes or shell patterns mean; all without any. Raise UsageError."""
        return select_mesh.match(patterns, {each.name: each.node for each in self.plan.processes})

    def info(self) -> Info:
        """Return who runs it, since when, and what keeps it from writing down what happens."""
        return self._ask(verbs.Info())

    def ps(self) -> Status:
        """Return its processes: the document of ``ps --format json``."""
        from orchestrator.client import status

        return status.observed(self.folders, self._ask(verbs.Ps()))

    def last_run(self) -> Status:
        """Return the same document of its last run, which is over. Raise UsageError where it never ran."""
        from orchestrator.client import past_runs
        from orchestrator.client.files import Tail, last_run

        plan = self.plan
        nodes = {process.name: process.node for process in plan.processes}
        events = last_run(Tail(self.folders.events))
        return past_runs.document(self.name, list(plan.files), nodes, events, time.time())

    def edges(self) -> Edges:
        """Return what has come over its edges so far."""
        from orchestrator.client import status

        return status.edges(self.folders, self._ask(verbs.Ps()))

    def events(
        self,
        *patterns: str,
        every: bool = False,
        last: int | None = None,
        since: float = 0.0,
        follow: bool = False,
    ) -> Iterator[Event]:
        """Yield what has happened in its current or last run, to some processes or to all of it.

        ``every``: in each run that is kept; ``last``: only so many; ``since``: from then on, in epoch seconds;
        ``follow``: go on with what comes until it ends.
        """
        from orchestrator.client import files
        from orchestrator.client.presence import looks

        wanted = {*self.processes(*patterns)} if patterns else None

        def meant(events: Iterable[Event]) -> Iterator[Event]:
            for event in events:
                if event["time"] >= since and (wanted is None or event.get("process") in wanted):
                    yield event

        tail = files.Tail(self.folders.events)
        past = files.events(files.Tail(self.folders.past_events)) if every else iter(())
        yield from deque(meant([*past, *files.events(tail)] if every else files.last_run(tail)), maxlen=last)
        if follow:
            for _ in looks(self.folders):
                yield from meant(files.events(tail))

    def logs(
        self,
        *patterns: str,
        every: bool = False,
        last: int | None = None,
        since: float = 0.0,
        follow: bool = False,
    ) -> Iterator[Record]:
        """Yield what processes have printed, by time; arguments as in ``events``, ``last`` is for each process."""
        from orchestrator.client import files
        from orchestrator.client.presence import looks

        logs = [files.Log(self.folders.logs, process) for process in self.processes(*patterns)]
        first = max(since, 0.0 if every else files.begun(self.folders.events, self.folders.past_events))
        yield from files.merged(logs, first, last)
        if follow:
            for _ in looks(self.folders):
                yield from sorted((record for log in logs for record in log.new()), key=lambda record: record.time)

    def stop(self, *patterns: str, within: float | None = None, remark: Remark = silent) -> dict[str, Outcome]:
        """Drain processes, those that feed the others first, and return how they ended; they stay stopped."""
        return self._act(verbs.Stop, "ended", patterns, within, remark)

    def start(self, *patterns: str, within: float | None = None, remark: Remark = silent) -> dict[str, Outcome]:
        """Start processes that do not run, wait until they are ready, and return how they fared."""
        return self._act(verbs.Start, "ready", patterns, within, remark)

    def restart(self, *patterns: str, within: float | None = None, remark: Remark = silent) -> dict[str, Outcome]:
        """Drain processes, start them again, wait until they are ready, and return how they fared."""
        return self._act(verbs.Restart, "ready", patterns, within, remark)

    def kill(self, *patterns: str, signal: str = "KILL") -> list[str]:
        """Send processes a signal, by its name without SIG; return who was sent it."""
        from orchestrator.client import wait_processes

        return list(wait_processes.act(self._running(), verbs.Kill(tuple(self._named(patterns)), signal)))

    def wait(self, *patterns: str, within: float | None = None, remark: Remark = silent) -> dict[str, Outcome]:
        """Wait until it, or some of its processes, are ready or will not be, and return how they fared.

        Raise MeshTimeoutError, and MeshEndedError where it ends before.
        """
        from orchestrator.client import wait_processes

        names = self.processes(*patterns) if patterns else []
        return wait_processes.settle(self._running(), "ready", dict.fromkeys(names, 0), within=within, remark=remark)

    def wait_end(self, *patterns: str, within: float | None = None) -> End:
        """Wait until it, or some of its processes, have ended for good, and return how they did.

        Raise MeshTimeoutError, and MeshGoneError where it is gone without an end.
        """
        from orchestrator.client import connection, wait_end

        deadline = float("inf") if within is None else time.monotonic() + within
        try:
            if not patterns:
                past = wait_end.of_mesh(self.folders, deadline)
                assert past.ended is not None
                return End(past.ended["status"], past.ended["state"], past.outcomes)
            outcomes = wait_end.of_processes(self.folders, self.processes(*patterns), deadline)
        except TimeoutError as late:
            raise MeshTimeoutError(f"{self.name}: not over after {within:g} s: {late}") from None
        except connection.Refused as refused:
            raise UsageError(f"{self.name}: {refused}") from None
        return End(next(filter(None, map(wait_end.status, outcomes.values())), 0), "", outcomes)

    def down(self, *, now: bool = False, grace: float | None = None, within: float | None = None) -> Ended:
        """Drain it, or kill it ``now``, wait until it is gone, and return how it ended.

        ``grace`` bounds the drain in seconds, then it is killed. Raise MeshTimeoutError after ``within`` seconds.
        """
        from orchestrator.client import wait_end

        deadline = float("inf") if within is None else time.monotonic() + within
        self.ask_down(now=now, grace=grace)
        try:
            ended = wait_end.of_mesh(self.folders, deadline).ended
        except TimeoutError:
            raise MeshTimeoutError(f"{self.name}: not gone after {within:g} s") from None
        assert ended is not None
        return ended

    def ask_down(self, *, now: bool = False, grace: float | None = None) -> list[list[str]] | None:
        """Ask it to drain; return which nodes do in which order, or None where it has ended by itself meanwhile."""
        from orchestrator.client import connection, meshes, requests

        try:
            return requests.ask(self._running(), verbs.Down(now, grace))["order"]
        except connection.Refused as refused:
            raise UsageError(f"{self.name}: {refused}") from None
        except connection.Unreachable as error:
            if meshes.runs(self.folders):
                raise UsageError(f"{self.name}: its supervisor does not answer: {error}") from None
            return None

    def tap(self, *edges: str, topics: Sequence[str] = (), seconds: float | None = None) -> Iterator[TappedMessage]:
        """Yield the messages that flow on edges, until it ends or so many seconds are over.

        Each publisher has one more subscriber meanwhile; of a durable edge this is what its senders accept.
        """
        from orchestrator.client.tap_session import TapSession

        session = TapSession(self.folders, self.plan, edges, topics)
        try:
            for messages in session.messages(seconds):
                yield from messages
        finally:
            session.stop()

    def _act(
        self, verb: Command, what: Aim, patterns: Sequence[str], within: float | None, remark: Remark
    ) -> dict[str, Outcome]:
        from orchestrator.client import wait_processes

        of = self._running()
        generations = wait_processes.act(of, verb(tuple(self._named(patterns))))
        return wait_processes.settle(of, what, generations, within=within, remark=remark)

    def _named(self, patterns: Sequence[str]) -> list[str]:
        if not patterns:
            raise UsageError("which processes? '*' means all")
        return self.processes(*patterns)

    def _running(self) -> Folders:
        select_mesh.require_running(self.folders)
        return self.folders

    def _ask(self, request: Request[A]) -> A:
        from orchestrator.client import requests

        return requests.answered(self._running(), request)
