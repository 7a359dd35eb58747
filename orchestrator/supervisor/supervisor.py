"""Carries out what the policy wants: the only place of the supervisor with effects. One thread, no blocking call."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Coroutine, Iterable
from functools import partial
from pathlib import Path

from orchestrator.contract import exits
from orchestrator.contract.env_file import BadEnvFile
from orchestrator.contract.folders import Folders
from orchestrator.contract.launch import PYTHON
from orchestrator.contract.messages import STARTS_LIMIT, Message
from orchestrator.control.server import Server
from orchestrator.observe import groups, sock_diag
from orchestrator.plan import model
from orchestrator.plan.addresses import resolve
from orchestrator.plan.model import Endpoint
from orchestrator.plan.wiring import probe_of
from orchestrator.supervisor.logs.log import Log
from orchestrator.supervisor.policy import events, foreground, stopping, timers
from orchestrator.supervisor.policy.effects import Ask, Effect, End, Report, Save, Signal, Start, Unlisten
from orchestrator.supervisor.policy.state import ALIVE, OVER, fresh, restore
from orchestrator.supervisor.requests import traffic
from orchestrator.supervisor.requests.commands import Acting
from orchestrator.supervisor.requests.dispatch import Answers
from orchestrator.supervisor.requests.status import Status
from orchestrator.supervisor.requests.waiters import Waiting
from orchestrator.supervisor.runtime import adoption, launch_files, memory_limit, store
from orchestrator.supervisor.runtime.foreground import Terminals
from orchestrator.supervisor.runtime.keeper_link import KeeperLink
from orchestrator.supervisor.runtime.link_monitor import Links
from orchestrator.supervisor.runtime.liveness_monitor import Lives
from orchestrator.supervisor.runtime.node_link import NodeLink
from orchestrator.supervisor.runtime.outside_monitor import Outside
from orchestrator.supervisor.runtime.readiness import Readiness

UNSEEN_AFTER = 0.3
"""Seconds after a process's end in which its keeper may still tell how it ended."""

LOOK_EVERY = 0.02
"""Seconds between looks whether a starting command listens."""

EXECUTED_WITHIN = 0.002
"""Seconds that a forked process takes, about, until it has executed its command."""

WRITE_AGAIN = 2.0
"""Seconds between attempts to write what a full disk kept from being written."""

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 5.0
"""Seconds between keepers that cannot begin: doubled from the first to the longest."""

now = time.monotonic

Order = tuple[str, int, str]
"""A process that is to start, its generation, and the path of its launch order."""


class Supervisor:
    """One mesh."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._text = folders.plan.read_bytes()
        self._plan = model.load(self._text)
        self._mesh = fresh(self._plan, now())
        self._mesh.gated = os.environ.get("ORCHESTRATOR_GATE") != "0"
        self._store = store.Store(folders)
        self._exits = exits.Exits(folders.exits)
        self._keeper = KeeperLink(self._keeper_told, self._keeper_lost)
        self._keeper_pid = 0
        self._replacing = False
        self._delayed: list[Order] = []
        self._descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._endpoints: dict[str, Endpoint] = {}
        self._ports: dict[str, str] = {}
        self._remarks: list[str] = []
        self._links: dict[str, NodeLink] = {}
        self._pidfds: dict[str, int] = {}
        self._logs: dict[str, Log] = {}
        self._notify: dict[str, socket.socket] = {}
        self._owner = -1
        self._status = Status()
        self._terminals = Terminals(
            self._mesh,
            self._keeper,
            self._do,
            lambda name, generation: self._prepare(name, generation, fork=False),
            lambda name: self._listen_for([name]),
            lambda name: self._connect(name, running=False),
        )
        self._readiness = Readiness(
            self._mesh,
            self._do,
            now,
            lambda name: probe_of(self._plan, name, "ready", self._endpoints),
            self._environment,
        )
        self._lives = Lives(
            self._mesh,
            self._do,
            now,
            lambda name: name in self._links and not self._links[name].asks("ping"),
            lambda name: probe_of(self._plan, name, "live", self._endpoints),
            self._environment,
        )
        self._outside = Outside(self._mesh, self._do, lambda: self._endpoints, now)
        self._connections = Links(self._mesh, self._do, lambda: self._endpoints, now)
        self._waiting = Waiting(self._mesh)
        answers = Answers(
            mesh=self._mesh,
            do=self._do,
            acting=Acting(self._mesh, self._do, self._listen_for),
            terminals=self._terminals,
            waiting=self._waiting,
            info=self._info,
            status=lambda: self._status.document(self._mesh, self._endpoints, self._problem(), now()),
            edges=lambda: {"time": now(), "edges": traffic.edges(self._mesh, self._endpoints)},
            addresses=lambda edge: {
                name: self._endpoints[name].connect
                for each in self._plan.edges
                if each.name == edge
                for name in each.endpoints
            },
            environment=lambda name: launch_files.environment(self._plan, name, self._endpoints, self._folders),
            own=lambda pid: self._own(pid, exits.start_ticks(pid)),
            watch=self._watch_listening,
        )
        self._server = Server(folders.supervisor, answers.answer)
        self._timer: asyncio.TimerHandle | None = None
        self._watching = False
        self._scheduled = False
        self._work: set[asyncio.Task[None]] = set()
        self._ended: asyncio.Future[None] | None = None

    async def run(self) -> None:
        """Supervise until the mesh has ended and its keeper knows."""
        loop = asyncio.get_running_loop()
        self._ended = loop.create_future()
        # Each process takes some here, and many systems allow 1024 at first.
        resource.setrlimit(resource.RLIMIT_NOFILE, (self._descriptors[1], self._descriptors[1]))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._do_down, f"signal {signal.Signals(number).name}")
        await self._keeper.connect(self._folders.keeper)
        hello, _ = await self._keeper.call({"do": "hello"})
        self._keeper_pid = hello["pid"]
        taken_over = self._restore(hello)
        for process in self._plan.processes:
            self._open_log(process.name)
        await self._server.listen()
        if taken_over:
            await self._adopt()
        if await self._listen():
            if taken_over:
                self._take_over()
            else:
                self._do(events.begin(self._mesh, now()))
        for text in self._remarks:
            self._store.report("note", {"text": text})
        if any(node.bounds is not None and node.bounds.memory is not None for node in self._plan.nodes):
            self._watch_memory()
        self._lives.look()
        self._outside.look()
        self._write_again()
        await self._ended
        self._server.close()
        if self._work:
            # A keeper that nobody tells to quit would begin the mesh anew.
            await asyncio.wait(self._work, timeout=10)
        with contextlib.suppress(OSError):
            await self._keeper.call({"do": "quit"})

    # ---- beginning, and taking over

    def _restore(self, hello: Message) -> bool:
        """Read what a predecessor left; tell whether this is its mesh, still alive."""
        left = store.load(self._folders.journal)
        children = [exits.Child(**child) for child in hello["children"]]
        foreign = left.mesh.get("version") != store.VERSION
        if foreign and not children:
            children = list(adoption.listening(self._folders, self._mesh.processes))
        same_boot = left.mesh.get("boot") == store.boot() and not left.mesh.get("ended")
        known = same_boot and (
            any(exits.lives(record.get("pid", 0), record.get("ticks", 0)) for record in left.processes.values())
            or left.mesh.get("keeper") == hello["pid"]
        )
        taken_over = bool(children) or known
        if known and not foreign:
            self._recall(left)
        if taken_over:
            adopted = adoption.adopt(self._mesh, children, now())
            self._remarks += adoption.remarks(left, adopted)
        else:
            # Nothing of an earlier run lives; its logs and events stay.
            self._folders.exits.unlink(missing_ok=True)
            if left.mesh and not left.mesh.get("ended") and not same_boot:
                self._remarks.append("the last run ended with the machine, or its power; this one begins anew")
        if not taken_over or foreign:
            self._store.begin({"boot": store.boot(), "begun": self._mesh.begun, "ended": False})
        if self._folders.owner.exists():
            self._own(*json.loads(self._folders.owner.read_bytes()))
        self._store.save({"keeper": hello["pid"], "supervisor": os.getpid()})
        return taken_over

    def _recall(self, left: store.Left) -> None:
        """Put what a predecessor knew into the mesh."""
        kept = left.mesh
        restore(self._mesh, left.processes)
        self._ports = kept.get("ports", {})
        self._mesh.begun = kept.get("begun", self._mesh.begun)
        self._mesh.up = kept.get("up", False)
        self._mesh.gates = dict(kept.get("gates", {}))
        if kept.get("draining"):
            self._mesh.phase, self._mesh.drained = "draining", now()
            self._mesh.reason = kept["draining"]

    async def _adopt(self) -> None:
        """Connect to the living processes; take the listening sockets back where no keeper holds them."""
        living = [process for process in self._mesh.processes.values() if exits.lives(process.pid, process.ticks)]
        for process in living:
            self._connect(process.name, running=True)
            self._readiness.begin(process.name, self._logs[process.name])
            self._lives.begin(process.name)
        needed = [
            process.name for process in living if self._mesh.node(process.name).library and self._unheld(process.name)
        ]
        for name in needed:
            self._links[name].ask({"do": "listeners"})
        until = now() + 2
        while now() < until and any(self._unheld(name) for name in needed):
            await asyncio.sleep(0.01)
        await self._keeper.hand_over()

    def _unheld(self, name: str) -> bool:
        bound = (each for planned in self._mesh.planned(name).sockets for each in planned.binds)
        return any(each not in self._keeper.held and launch_files.keepable(self._plan.endpoint[each]) for each in bound)

    def _take_over(self) -> None:
        self._store.report("note", {"text": f"supervisor {os.getpid()} has taken over"})
        for name, process in self._mesh.processes.items():
            if process.state in ALIVE and name not in self._pidfds:
                ended = self._exits.of(name, process.generation)
                self._process_ended(name, _status(ended.status) if ended else None)
        self._do(events.take_over(self._mesh, now()))
        for name in self._terminals.left_over():
            self._later(self._terminals.give_back(name))

    async def _listen(self) -> bool:
        """Let the keeper hold the endpoints of all that run or will; tell whether it could."""
        errors = await self._keep_listening([e for e in self._plan.endpoints if e.process and self._to_come(e.process)])
        for name, error in errors.items():
            self._store.report(
                "note", {"text": f"{name}: cannot listen at {error}; free the address or choose another"}
            )
        if errors:
            self._do(events.abort(self._mesh, f"cannot listen at {next(iter(errors.values()))}", now()))
        return not errors

    def _to_come(self, name: str) -> bool:
        return self._mesh.processes[name].state not in OVER or self._mesh.kept(name)

    async def _listen_for(self, names: list[str]) -> dict[str, str]:
        return await self._keep_listening([e for e in self._plan.endpoints if e.process in names])

    async def _keep_listening(self, endpoints: list[Endpoint]) -> dict[str, str]:
        """Let the keeper hold these endpoints, where it can and does not yet; give the errors by name."""
        wanted = []
        local = resolve(self._plan.endpoints, self._folders.socket, {e.name: "" for e in self._plan.endpoints})
        for endpoint in endpoints:
            library = self._plan.node[endpoint.node].library
            keepable = launch_files.keepable(endpoint) and (library or endpoint.transport == "tcp")
            if keepable and endpoint.name not in self._keeper.held:
                address = self._ports.get(endpoint.name) or local[endpoint.name].address
                wanted.append(launch_files.wanted(endpoint, address, library))
        errors = await self._keeper.listen(wanted)
        held = {name: address for name, (_, address) in self._keeper.held.items()}
        self._ports |= {e.name: held[e.name] for e in self._plan.endpoints if e.transport == "tcp" and e.name in held}
        self._endpoints = resolve(self._plan.endpoints, self._folders.socket, self._ports)
        self._store.save({"ports": self._ports})
        return errors

    # ---- effects

    def _do(self, effects: Iterable[Effect]) -> None:
        starts: list[str] = []
        for effect in list(effects):
            match effect:
                case Start(name):
                    starts.append(name)
                case Ask(name, request):
                    if name in self._links:
                        self._links[name].ask(request)
                case Signal(name, number):
                    self._signal(name, number)
                case Unlisten(names):
                    held = [name for name in names if name in self._keeper.held]
                    if held:
                        self._keeper.unlisten(held)
                case Report(event, values):
                    self._report(event, values)
                case Save(name):
                    self._store.save(self._mesh.processes[name].record())
                case End():
                    self._store.save({"ended": True})
                    if self._ended is not None and not self._ended.done():
                        self._ended.set_result(None)
        if starts:
            self._start(starts)
        self._waiting.changed()
        self._schedule()

    def _report(self, event: str, values: Message) -> None:
        self._store.report(event, values)
        if event == "gate":
            self._store.save({"gates": self._mesh.gates})
        elif event == "ready":
            self._connections.look_later()
        elif event == "up":
            self._store.save({"up": True})
        elif event == "draining":
            self._store.save({"draining": self._mesh.reason})

    def _write_again(self) -> None:
        self._store.retry()
        for log in self._logs.values():
            log.retry()
        asyncio.get_running_loop().call_later(WRITE_AGAIN, self._write_again)

    def _watch_memory(self) -> None:
        self._do(memory_limit.look(self._mesh))
        asyncio.get_running_loop().call_later(memory_limit.EVERY, self._watch_memory)

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
        self._do(timers.tick(self._mesh, now()))

    def _start(self, names: list[str]) -> None:
        """Start processes that were decided on together, in bursts: one is prepared while the keeper forks another."""
        for first in range(0, len(names), STARTS_LIMIT):
            orders = [order for name in names[first : first + STARTS_LIMIT] if (order := self._order(name))]
            if self._replacing:
                # Else nobody could say which keeper was asked.
                self._delayed += orders
            else:
                self._ask_to_start(orders)

    def _order(self, name: str) -> Order | None:
        process = self._mesh.processes[name]
        self._store.save(process.record())
        try:
            path = self._prepare(name, process.generation)
        except (OSError, BadEnvFile) as error:
            why = str(error) if isinstance(error, BadEnvFile) else f"{self._folders.run}: {error}"
            asyncio.get_running_loop().call_soon(self._not_started, name, process.generation, why)
            return None
        self._readiness.begin(name, self._logs[name])  # before it can say anything
        self._lives.begin(name)
        return name, process.generation, str(path)

    def _environment(self, name: str) -> dict[str, str]:
        return launch_files.whole_environment(self._plan, name, self._endpoints, self._folders)

    def _prepare(self, name: str, generation: int, *, fork: bool = True) -> Path:
        path = launch_files.prepare(self._plan, name, generation, self._endpoints, self._folders, fork=fork)
        self._listen_for_notify(name)
        return path

    def _ask_to_start(self, orders: list[Order]) -> None:
        request = {"do": "start", "launches": [path for _, _, path in orders]}
        self._keeper.ask(request, lambda answer, _: self._started(orders, answer))

    def _started(self, orders: list[Order], answer: Message) -> None:
        failed = [{"error": answer.get("error", "")}] * len(orders)
        for (name, generation, _), each in zip(orders, answer.get("started", failed), strict=True):
            if "error" in each:
                self._not_started(name, generation, each["error"])
            elif self._mesh.processes[name].generation == generation:
                effects = list(events.on_started(self._mesh, name, each["pid"], each["ticks"], now()))
                # First, since a signal to it needs its pidfd.
                self._connect(name, running=False)
                self._do(effects)
        self._watch_listening()

    def _not_started(self, name: str, generation: int, why: str) -> None:
        if self._mesh.processes[name].generation == generation:
            self._do(events.on_exit(self._mesh, name, 126, [why], now()))

    def _connect(self, name: str, *, running: bool) -> None:
        """Watch a process that has a pid, and its control socket where it uses our library."""
        process = self._mesh.processes[name]
        try:
            pidfd = os.pidfd_open(process.pid)
        except ProcessLookupError:
            asyncio.get_running_loop().call_later(UNSEEN_AFTER, self._unseen, name, process.generation)
            return
        self._pidfds[name] = pidfd
        generation = process.generation
        asyncio.get_running_loop().add_reader(pidfd, self._pid_gone, name, generation)
        if self._mesh.node(name).library:
            told = partial(self._node_told, name)
            self._links[name] = NodeLink(self._folders.control(name), process.pid, pidfd, running, told)

    def _signal(self, name: str, signal_name: str) -> None:
        process, pidfd = self._mesh.processes[name], self._pidfds.get(name)
        if pidfd is None:
            return
        number = signal.Signals[f"SIG{signal_name.removeprefix('SIG')}"]
        with contextlib.suppress(ProcessLookupError, PermissionError):
            # Proves that the pid is still this process's, so that its group is too.
            signal.pidfd_send_signal(pidfd, 0)
            if process.terminal:
                # Its group is its shell's.
                signal.pidfd_send_signal(pidfd, number)
                if name in self._links:
                    self._links[name].pass_on(number)
                return
            if number == signal.SIGKILL:
                # Those that have made groups of their own: nobody is left to end them.
                for pid in groups.members_of(process.pid):
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, number)
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:
                # In its first moment it has no group yet.
                signal.pidfd_send_signal(pidfd, number)

    # ---- events

    def _node_told(self, name: str, message: Message, fds: list[int]) -> None:
        if fds:
            self._take_listeners(name, message.get("endpoints", []), fds)
        if "answer" in message:
            self._do(events.on_reply(self._mesh, name, message, now()))
        else:
            self._do(events.on_message(self._mesh, name, message, now()))

    def _take_listeners(self, name: str, addresses: list[str], fds: list[int]) -> None:
        planned = self._mesh.planned(name).sockets
        bound = [each for of in planned for each in of.binds if launch_files.keepable(self._plan.endpoint[each])]
        for endpoint, address, fd in zip(bound, addresses, fds, strict=False):
            self._keeper.hold(endpoint, address, fd)

    def _keeper_told(self, message: Message) -> None:
        if message.get("say") == "exited":
            process = self._mesh.processes.get(message["process"])
            if process is not None and process.generation == message["generation"]:
                self._process_ended(process.name, _status(message["status"]))

    def _process_ended(self, name: str, status: int | None) -> None:
        if self._mesh.processes[name].state not in ALIVE:
            return
        if name in self._links:
            self._links[name].read_rest()
        reason = self._logs[name].finish()
        self._let_go(name)
        if self._mesh.processes[name].terminal:
            self._do(foreground.left(self._mesh, name, now()))
            return
        self._do(events.on_exit(self._mesh, name, status, reason, now()))

    def _let_go(self, name: str) -> None:
        self._readiness.end(name)
        self._lives.end(name)
        if link := self._links.pop(name, None):
            link.close()
        if (pidfd := self._pidfds.pop(name, None)) is not None:
            asyncio.get_running_loop().remove_reader(pidfd)
            os.close(pidfd)

    def _pid_gone(self, name: str, generation: int) -> None:
        asyncio.get_running_loop().remove_reader(self._pidfds[name])
        # How it ended in a terminal nobody will tell.
        patience = 0.0 if self._mesh.processes[name].terminal else UNSEEN_AFTER
        asyncio.get_running_loop().call_later(patience, self._unseen, name, generation)

    def _unseen(self, name: str, generation: int) -> None:
        """A process is gone and no keeper has said how: perhaps one has written it down, or has yet to see it."""
        process = self._mesh.processes[name]
        if process.generation != generation or process.state not in ALIVE:
            return
        # In this order: a keeper writes it down, and reaps then.
        unreaped = exits.parent(process.pid) == self._keeper_pid
        if ended := self._exits.of(name, generation):
            self._process_ended(name, _status(ended.status))
        elif unreaped:
            asyncio.get_running_loop().call_later(UNSEEN_AFTER, self._unseen, name, generation)
        else:
            self._process_ended(name, None)

    def _keeper_lost(self) -> None:
        if self._ended is not None and not self._ended.done() and not self._replacing:
            self._replacing = True
            self._later(self._replace_keeper())

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _start_keeper(self) -> Message:
        """Start a keeper and give it what we hold; its hello. Raise OSError when it dies meanwhile."""
        arguments = [str(self._folders.run), str(self._folders.state), str(os.getpid())]
        keeper = subprocess.Popen(
            [*PYTHON, "-m", "orchestrator.keeper", *arguments],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, self._descriptors),
        )
        await self._keeper.connect(self._folders.keeper, lambda: keeper.poll() is not None)
        hello, _ = await self._keeper.call({"do": "hello"})
        await self._keeper.hand_over()
        return hello

    async def _replace_keeper(self) -> None:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._keeper_pid, os.WNOHANG)
        lost = self._keeper_pid
        pause = FIRST_PAUSE
        while self._replacing:
            if not self._folders.run.exists():
                # No keeper can begin, and no client comes near: the processes that are there are all there will be.
                self._do_down(f"{self._folders.run} is gone")
                return
            with contextlib.suppress(OSError):
                self._keeper_pid = (await self._start_keeper())["pid"]
                self._replacing = not self._keeper.lives
            if self._replacing:
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        self._store.save({"keeper": self._keeper_pid})
        self._store.report("note", {"text": f"keeper {lost} is gone, {self._keeper_pid} has taken over"})
        delayed, self._delayed = self._delayed, []
        for first in range(0, len(delayed), STARTS_LIMIT):
            self._ask_to_start(delayed[first : first + STARTS_LIMIT])
        asked = {name for name, _, _ in delayed}
        for name, process in self._mesh.processes.items():
            if process.state in ALIVE and name not in self._pidfds and name not in asked:
                # Its start was asked of the old keeper, and nobody can say whether it happened.
                self._process_ended(name, None)

    # ---- watching from outside

    def _open_log(self, name: str) -> None:
        folder = self._folders.run / "processes" / name
        folder.mkdir(mode=0o700, exist_ok=True)
        file = self._folders.logs / f"{name}.log"
        log = Log(self._folders.file(name, "out"), self._folders.file(name, "err"), file, self._plan.logs)
        self._logs[name] = log
        for fd in (log.out, log.err):
            asyncio.get_running_loop().add_reader(fd, log.read, fd)

    def _listen_for_notify(self, name: str) -> None:
        node = self._mesh.node(name)
        if node.library or node.ready.how != "notify" or name in self._notify:
            return
        path = self._folders.notify(name)
        Path(path).unlink(missing_ok=True)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        sock.bind(path)
        self._notify[name] = sock
        asyncio.get_running_loop().add_reader(sock, self._read_notify, name, sock)

    def _read_notify(self, name: str, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if b"READY=1" in sock.recv(4096).split(b"\n"):
                self._do(events.on_ready(self._mesh, name, now()))

    def _watch_listening(self) -> None:
        if not self._watching:
            self._watching = True
            self._look()

    def _look(self) -> None:
        waiting = [
            process.name
            for process in self._mesh.processes.values()
            if process.state in ("starting", "wired")
            and process.pid
            and self._mesh.node(process.name).ready.how == "listening"
        ]
        commands = [name for name in waiting if not self._mesh.node(name).python]
        executing = [name for name in commands if not exits.executed(self._mesh.processes[name].pid)]
        for name in waiting:
            if name in executing:
                continue  # what it is to run may not be there
            planned = self._mesh.planned(name)
            addresses = [self._endpoints[bound].connect for each in planned.sockets for bound in each.binds]
            if sock_diag.listening(addresses, partial(groups.members_of, self._mesh.processes[name].pid)):
                self._do(events.on_ready(self._mesh, name, now()))
        self._watching = bool(waiting)
        if waiting:
            asyncio.get_running_loop().call_later(EXECUTED_WITHIN if executing else LOOK_EVERY, self._look)

    # ---- clients

    def _info(self) -> Message:
        import hashlib  # few ask

        return {
            "mesh": self._plan.mesh,
            "files": list(self._plan.files),
            "state": self._mesh.condition,
            "pid": os.getpid(),
            "keeper": self._keeper_pid,
            "plan": hashlib.sha256(self._text).hexdigest(),
            "since": time.time() - (now() - self._mesh.begun),
            "problem": self._problem(),
        }

    def _problem(self) -> str:
        """Tell what keeps us from writing down what happens, or what processes print."""
        logs = (f"{self._folders.logs}: {log.problem}" for log in self._logs.values() if log.problem)
        return self._store.problem or next(logs, "")

    def _do_down(self, reason: str, bound: float | None = None) -> None:
        self._do(stopping.down(self._mesh, reason, now(), bound))

    def _own(self, pid: int, ticks: int) -> None:
        """Drain the mesh when this process dies."""
        self._disown()
        self._folders.owner.write_text(json.dumps([pid, ticks]))
        if not exits.lives(pid, ticks):
            asyncio.get_running_loop().call_soon(self._owner_gone)
            return
        self._owner = os.pidfd_open(pid)
        asyncio.get_running_loop().add_reader(self._owner, self._owner_gone)

    def _disown(self) -> None:
        if self._owner >= 0:
            asyncio.get_running_loop().remove_reader(self._owner)
            os.close(self._owner)
            self._owner = -1
        self._folders.owner.unlink(missing_ok=True)

    def _owner_gone(self) -> None:
        self._disown()
        self._do_down("the up that started it is gone")


def _status(wait_status: int) -> int:
    return os.waitstatus_to_exitcode(wait_status)
