"""Small plans, and a world of numbers in which the policy can be played through."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from orchestrator.contract import codec, node_messages
from orchestrator.contract.codec import Request
from orchestrator.contract.messages import Message
from orchestrator.plan import order
from orchestrator.plan.model import (
    LOCAL,
    Connection,
    Edge,
    Endpoint,
    Logs,
    Node,
    Plan,
    Process,
    Ready,
    Restart,
    Socket,
    Stop,
)
from orchestrator.supervisor.policy import events, stopping, timers
from orchestrator.supervisor.policy.effects import Ask, Effect, End, Report, Signal, Start
from orchestrator.supervisor.policy.state import ALIVE, MeshState, ProcessState, fresh
from orchestrator.zeromq.sockets import feeds


def node(name: str, replicas: int = 1, *, library: bool = True, **changed: Any) -> Node:
    """Give a node: of ours, or a command that knows nothing of us."""
    values: dict[str, Any] = {
        "name": name,
        "python": f"{name}:run" if library else "",
        "interpreter": "",
        "search": (),
        "library": library,
        "kind": "service",
        "critical": False,
        "restart": Restart(),
        "ready": Ready("library" if library else "listening"),
        "stop": Stop(),
        "depends_on": {},
        "processes": (name,) if replicas == 1 else tuple(f"{name}-{index}" for index in range(replicas)),
    }
    return Node(**(values | changed))


def plan(
    *nodes: Node,
    edges: Iterable[str] = (),
    options: dict[str, dict[str, Any]] | None = None,
    deliveries: dict[str, dict[str, Any]] | None = None,
) -> Plan:
    """Give a plan; an edge is ``feed.ticks PUB < bot.ticks SUB``: the left one binds, every right one connects."""
    by_name = {each.name: each for each in nodes}
    sockets: dict[str, dict[str, dict[str, Any]]] = {each.name: {} for each in nodes}
    flows: dict[str, dict[str, None]] = {each.name: {} for each in nodes}
    drawn: list[Edge] = []
    endpoints: list[Endpoint] = []
    for text in edges:
        (binder, bound, bound_type), (connector, connected, connected_type) = map(_end, text.split(" < "))
        one = sockets[binder].setdefault(bound, {"type": bound_type, "binds": [], "connects": [], "edges": []})
        other = sockets[connector].setdefault(
            connected, {"type": connected_type, "binds": [], "connects": [], "edges": []}
        )
        names = [f"{process}.{bound}" for process in by_name[binder].processes]
        peers = len(by_name[connector].processes)
        for process, name in zip(by_name[binder].processes, names, strict=True):
            endpoints.append(Endpoint(name, "ipc", "", "", LOCAL, binder, process, bound, peers))
        edge = f"{binder}-{connector}"
        one["binds"].append(bound)
        one["edges"].append(edge)
        other["edges"].append(edge)
        other["connects"] += [Connection(edge, name) for name in names]
        drawn.append(Edge(edge, (binder,), (connector,), "all", tuple(names), len(names) * peers))
        for source, sink, a, b in (
            (binder, connector, bound_type, connected_type),
            (connector, binder, connected_type, bound_type),
        ):
            if feeds(a, b):
                flows[source][sink] = None
    depends = {each.name: list(each.depends_on) for each in nodes}
    return Plan(
        mesh="m",
        files=("topology.yaml",),
        nodes=nodes,
        processes=tuple(
            _process(each, name, index, sockets[each.name], options or {}, deliveries or {})
            for each in nodes
            for index, name in enumerate(each.processes)
        ),
        endpoints=tuple(endpoints),
        edges=tuple(drawn),
        waves=order.waves(depends),
        drain=order.drain(flows, depends),
        logs=Logs(),
    )


def _end(text: str) -> tuple[str, str, str]:
    name, kind = text.split()
    of, _, socket = name.partition(".")
    return of, socket, kind


def _process(
    of: Node,
    name: str,
    index: int,
    sockets: dict[str, dict[str, Any]],
    options: dict[str, dict[str, Any]],
    deliveries: dict[str, dict[str, Any]],
) -> Process:
    made = tuple(
        Socket(
            socket,
            given["type"],
            options.get(f"{of.name}.{socket}", {"subscribe": ["A"]} if given["type"] == "SUB" else {}),
            tuple(f"{name}.{bound}" for bound in dict.fromkeys(given["binds"])),
            tuple(given["connects"]),
            tuple(given["edges"]),
            delivery=deliveries.get(f"{of.name}.{socket}"),
        )
        for socket, given in sockets.items()
    )
    command = () if of.python else ("run",)
    return Process(name, of.name, index, len(of.processes), None, LOCAL, command, {}, {}, "/", None, made)


ANSWERS: dict[str, Any] = {
    "waiting": node_messages.Pong,
    "seen": node_messages.Touched,
    "dry": node_messages.Ending,
}


class World:
    """A mesh whose processes do what the test says, at the times that the test says."""

    def __init__(self, of: Plan) -> None:
        self.now = 100.0
        self.mesh: MeshState = fresh(of, self.now)
        self.done: list[Effect] = []
        self._pids = 100

    def __getitem__(self, name: str) -> ProcessState:
        return self.mesh.processes[name]

    def take(self, effects: Iterable[Effect]) -> list[Effect]:
        """Carry a policy function out; give its effects."""
        new = list(effects)
        self.done += new
        return new

    def begin(self) -> list[Effect]:
        return self.take(events.begin(self.mesh, self.now))

    def launched(self, *names: str) -> list[Effect]:
        """Let the keeper start processes."""
        new = []
        for name in names:
            self._pids += 1
            new += self.take(events.on_started(self.mesh, name, self._pids, 1, self.now))
        return new

    def hello(self, *names: str, phase: str = "gate") -> list[Effect]:
        new = []
        for name in names:
            new += self.say(name, say="hello", generation=self[name].generation, phase=phase)
        return new

    def wired(self, *names: str) -> list[Effect]:
        """Let processes meet the gate that they were asked for last."""
        new = []
        for name in names:
            gate = self.asked(name, "gate")[-1]["id"]
            new += self.say(name, say="sockets_ready", gate=gate)
        return new

    def say(self, name: str, **message: Any) -> list[Effect]:
        return self.take(events.on_message(self.mesh, name, node_messages.said(message), self.now))

    def answer(self, name: str, **answer: Any) -> list[Effect]:
        """Let a process answer what it was asked, which its fields tell."""
        kind = ANSWERS[next(iter(answer))]
        read = codec.decode(kind, {"phase": "gate", "away": [], **answer})
        return self.take(events.on_message(self.mesh, name, read, self.now))

    def ready(self, name: str) -> list[Effect]:
        return self.take(events.on_ready(self.mesh, name, self.now))

    def exit(self, name: str, status: int | None = 0, *reason: str) -> list[Effect]:
        return self.take(events.on_exit(self.mesh, name, status, list(reason), self.now))

    def down(self, bound: float | None = None) -> list[Effect]:
        return self.take(stopping.down(self.mesh, "as asked", self.now, bound))

    def kill(self) -> list[Effect]:
        return self.take(stopping.kill(self.mesh, self.now))

    def wait(self, seconds: float) -> list[Effect]:
        """Let time pass, with a tick whenever one is due."""
        until, new = self.now + seconds, []
        while (due := timers.next_due(self.mesh)) <= until:
            self.now = max(self.now, due)
            new += self.take(timers.tick(self.mesh, self.now))
        self.now = until
        return new

    def up(self) -> World:
        """Bring all up that are of ours, wave by wave."""
        self.begin()
        while starting := [each.name for each in self.mesh.processes.values() if each.state == "starting"]:
            self.launched(*starting)
            ours = [name for name in starting if self.mesh.node(name).library]
            self.hello(*ours)
            self.wired(*ours)
            for name in starting:
                self.ready(name)
        return self

    def again(self, name: str) -> list[Effect]:
        """Let the next incarnation of a process come as far as its hello."""
        self.wait(self[name].delay + 0.001)
        return self.launched(name) + self.hello(name)

    # ---- what has been wanted

    def asked(self, name: str, do: str) -> list[Message]:
        return asked(self.done, name, do)

    def reports(self, event: str) -> list[dict[str, Any]]:
        return reports(self.done, event)

    @property
    def ends(self) -> list[int]:
        return [each.status for each in self.done if isinstance(each, End)]

    @property
    def alive(self) -> list[str]:
        return [name for name, process in self.mesh.processes.items() if process.state in ALIVE]


def asked(effects: Iterable[Effect], name: str, do: str) -> list[Message]:
    """Give the requests of one kind to a process."""
    requests = [each.request for each in effects if isinstance(each, Ask) and each.process == name]
    return [sent(each) for each in requests if do == each.KIND]


def sent(request: Request[Any]) -> Message:
    """Give what a process gets of a request, but for its number."""
    found: Message = json.loads(json.dumps({"do": request.KIND, **vars(request)}, default=vars))
    return found


def told(effects: Iterable[Effect], do: str) -> list[str]:
    """Give the processes that are asked for something."""
    return [each.process for each in effects if isinstance(each, Ask) and do == each.request.KIND]


def starts(effects: Iterable[Effect]) -> list[str]:
    return [each.process for each in effects if isinstance(each, Start)]


def signals(effects: Iterable[Effect]) -> list[tuple[str, str]]:
    return [(each.process, each.signal) for each in effects if isinstance(each, Signal)]


def reports(effects: Iterable[Effect], event: str) -> list[dict[str, Any]]:
    return [each.values for each in effects if isinstance(each, Report) and each.event == event]


def market(bots: int = 2, **feed: Any) -> Plan:
    """Give a feed that publishes to bots, whose orders a book takes."""
    return plan(
        node("feed", **feed),
        node("bot", bots),
        node("book"),
        edges=("feed.ticks PUB < bot.ticks SUB", "book.orders PULL < bot.orders PUSH"),
    )
