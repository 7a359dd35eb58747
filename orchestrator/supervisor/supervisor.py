"""Carries out what the policy wants, and tells it what happens. One thread, no blocking call."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import time
from collections.abc import Coroutine, Iterable

from orchestrator.contract import exits
from orchestrator.contract.folders import Folders
from orchestrator.contract.messages import Message
from orchestrator.control import messages as control
from orchestrator.control.server import Server
from orchestrator.plan import model
from orchestrator.supervisor.logs.logs import Logs
from orchestrator.supervisor.policy import events, stopping, timers
from orchestrator.supervisor.policy.effects import Ask, Effect, End, Report, Save, Signal, Start, Unlisten
from orchestrator.supervisor.policy.state import fresh
from orchestrator.supervisor.requests.commands import Commands
from orchestrator.supervisor.requests.dispatch import Dispatcher
from orchestrator.supervisor.requests.status import status
from orchestrator.supervisor.requests.waiters import Waiters
from orchestrator.supervisor.runtime import launch_files, memory_limit
from orchestrator.supervisor.runtime.foreground import Foreground
from orchestrator.supervisor.runtime.keeper_link import KeeperLink
from orchestrator.supervisor.runtime.keepers import Keepers
from orchestrator.supervisor.runtime.link_monitor import LinkMonitor
from orchestrator.supervisor.runtime.listeners import Listeners
from orchestrator.supervisor.runtime.outside_monitor import OutsideMonitor
from orchestrator.supervisor.runtime.owner import Owner
from orchestrator.supervisor.runtime.processes import Processes
from orchestrator.supervisor.runtime.store import Store
from orchestrator.supervisor.runtime.takeover import Takeover

WRITE_AGAIN = 2.0
"""Seconds between attempts to write what a full disk kept from being written."""

now = time.monotonic


class Supervisor:
    """One mesh: its collaborators, each with its part of the machine, and the loop that they share."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._text = folders.plan.read_bytes()
        self._plan = model.load(self._text)
        self._mesh = mesh = fresh(self._plan, now())
        mesh.gated = os.environ.get("ORCHESTRATOR_GATE") != "0"
        self._store = store = Store(folders)
        self._logs = Logs(folders, self._plan.logs)
        self._keeper = KeeperLink(lambda message: self._processes.on_keeper(message), self._keeper_lost)
        self._keepers = Keepers(
            folders, self._keeper, store, self._later, lambda: self._processes.on_new_keeper(), self._down
        )
        self._listeners = listeners = Listeners(folders, mesh, self._keeper, store)
        self._processes = Processes(
            folders, mesh, store, self._keeper, self._keepers, listeners, self._logs, self._apply_effects, now
        )
        self._takeover = Takeover(folders, mesh, store, self._keeper, listeners, self._processes, now)
        self._foreground = Foreground(
            mesh,
            self._keeper,
            self._apply_effects,
            lambda name, generation: self._processes.prepare(name, generation, fork=False),
            lambda name: listeners.listen_for([name]),
            self._processes.connect,
        )
        self._outside_monitor = OutsideMonitor(mesh, self._apply_effects, lambda: listeners.endpoints, now)
        self._link_monitor = LinkMonitor(mesh, self._apply_effects, lambda: listeners.endpoints, now)
        self._owner = Owner(folders, lambda: self._down("the up that started it is gone"))
        self._waiters = Waiters(mesh)
        self._server = Server(folders.supervisor, self._dispatcher().answer)
        self._timer: asyncio.TimerHandle | None = None
        self._scheduled = False
        self._work: set[asyncio.Task[None]] = set()
        self._ended: asyncio.Future[None] | None = None

    def _dispatcher(self) -> Dispatcher:
        mesh, listeners = self._mesh, self._listeners
        return Dispatcher(
            mesh=mesh,
            do=self._apply_effects,
            commands=Commands(mesh, self._apply_effects, listeners.listen_for),
            foreground=self._foreground,
            waiters=self._waiters,
            info=self._info,
            status=lambda: status(mesh, listeners.endpoints, self._problem(), now()),
            addresses=lambda edge: {
                name: listeners.endpoints[name].connect
                for each in self._plan.edges
                if each.name == edge
                for name in each.endpoints
            },
            environment=lambda name: launch_files.environment(self._plan, name, listeners.endpoints, self._folders),
            own=lambda pid: self._owner.own(pid, exits.start_ticks(pid)),
            watch=self._processes.sockets.watch,
        )

    async def run(self) -> None:
        """Supervise until the mesh has ended and its keeper knows."""
        loop = asyncio.get_running_loop()
        self._ended = loop.create_future()
        # Each process takes some here, and many systems allow 1024 at first.
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._down, f"signal {signal.Signals(number).name}")
        await self._begin()
        self._watch()
        await self._ended
        self._server.close()
        if self._work:
            # A keeper that nobody tells to quit would begin the mesh anew.
            await asyncio.wait(self._work, timeout=10)
        await self._keepers.quit()

    async def _begin(self) -> None:
        """Begin the mesh, or go on with that of a predecessor."""
        taken_over = self._takeover.restore(await self._keepers.greet())
        self._owner.restore()
        self._store.save({"keeper": self._keepers.pid, "supervisor": os.getpid()})
        for process in self._plan.processes:
            self._logs.open(process.name)
        await self._server.listen()
        if taken_over:
            await self._takeover.connect()
        if await self._listen():
            if taken_over:
                self._take_over()
            else:
                self._apply_effects(events.begin(self._mesh, now()))
        for text in self._takeover.remarks:
            self._store.report("note", {"text": text})

    async def _listen(self) -> bool:
        """Let the keeper hold the endpoints of all that run or will; return whether it could."""
        errors = await self._listeners.listen()
        for name, error in errors.items():
            text = f"{name}: cannot listen at {error}; free the address or choose another"
            self._store.report("note", {"text": text})
        if errors:
            self._apply_effects(events.abort(self._mesh, f"cannot listen at {next(iter(errors.values()))}", now()))
        return not errors

    def _take_over(self) -> None:
        self._store.report("note", {"text": f"supervisor {os.getpid()} has taken over"})
        self._processes.bury()
        self._apply_effects(events.take_over(self._mesh, now()))
        for name in self._foreground.left_over():
            self._later(self._foreground.give_back(name))

    def _watch(self) -> None:
        """Look again and again at what nobody tells of."""
        if any(node.bounds is not None and node.bounds.memory is not None for node in self._plan.nodes):
            self._watch_memory()
        self._processes.liveness.look()
        self._outside_monitor.look()
        self._write_again()

    def _watch_memory(self) -> None:
        self._apply_effects(memory_limit.look(self._mesh))
        asyncio.get_running_loop().call_later(memory_limit.EVERY, self._watch_memory)

    def _write_again(self) -> None:
        self._store.retry()
        self._logs.retry()
        asyncio.get_running_loop().call_later(WRITE_AGAIN, self._write_again)

    def _keeper_lost(self) -> None:
        if self._ended is not None and not self._ended.done():
            self._keepers.replace()

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    def _down(self, reason: str) -> None:
        self._apply_effects(stopping.down(self._mesh, reason, now()))

    # ---- effects

    def _apply_effects(self, effects: Iterable[Effect]) -> None:
        starts: list[str] = []
        for effect in list(effects):
            match effect:
                case Start(name):
                    starts.append(name)
                case Ask(name, request):
                    if name in self._processes.links:
                        self._processes.links[name].ask(request)
                case Signal(name, number):
                    self._processes.signal(name, number)
                case Unlisten(names):
                    self._listeners.give_up(names)
                case Report(event, values):
                    self._report(event, values)
                case Save(name):
                    self._store.save(self._mesh.processes[name].record())
                case End():
                    self._store.save({"ended": True})
                    if self._ended is not None and not self._ended.done():
                        self._ended.set_result(None)
        if starts:
            self._processes.start(starts)
        self._waiters.changed()
        self._schedule()

    def _report(self, event: str, values: Message) -> None:
        self._store.report(event, values)
        if event == "gate":
            self._store.save({"gates": self._mesh.gates})
        elif event == "ready":
            self._link_monitor.look_later()
        elif event == "up":
            self._store.save({"up": True})
        elif event == "draining":
            self._store.save({"draining": self._mesh.reason})

    def _schedule(self) -> None:
        """Look once for what is due next, however many events arrive together."""
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._set_timer)

    def _set_timer(self) -> None:
        self._scheduled = False
        due = timers.next_due(self._mesh)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due < float("inf") and self._mesh.phase != "ended":
            self._timer = asyncio.get_running_loop().call_at(max(due, now()), self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._apply_effects(timers.tick(self._mesh, now()))

    # ---- clients

    def _info(self) -> control.Info:
        import hashlib  # few ask

        return {
            "mesh": self._plan.mesh,
            "files": list(self._plan.files),
            "state": self._mesh.condition,
            "pid": os.getpid(),
            "keeper": self._keepers.pid,
            "plan": hashlib.sha256(self._text).hexdigest(),
            "since": time.time() - (now() - self._mesh.begun),
            "problem": self._problem(),
        }

    def _problem(self) -> str:
        """Return what keeps us from writing down what happens, or what processes print."""
        return self._store.problem or self._logs.problem
