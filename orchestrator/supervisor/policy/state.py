"""What is known about a running mesh: plain data, changed only by the policy."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from orchestrator.contract import codec
from orchestrator.contract.codec import BadMessage
from orchestrator.contract.node_messages import Unread
from orchestrator.control.states import ALIVE as ALIVE
from orchestrator.control.states import OVER as OVER
from orchestrator.control.states import UP
from orchestrator.control.states import State as State
from orchestrator.plan.model import Node, Plan, Process
from orchestrator.supervisor.policy.tables import Tables, tables

Phase = Literal["running", "draining", "ended"]


@dataclass(slots=True)
class ProcessState:
    """One process. Times are seconds of CLOCK_MONOTONIC, which all incarnations of the supervisor share.

    ``status`` is the last exit: an exit status, minus a signal's number, or None where nobody saw it; ``clean``
    whether that was an end as it should be. ``left`` is what nobody had read when its sockets closed, None until it
    has said so; ``untold`` says why it never did. ``released``: its gate has let its program run. ``failing``: its
    program has raised, and it is leaving. ``force_killed``: it did not stop in time. ``foreground`` says that this
    incarnation is a process of somebody's terminal and no child of the keeper. ``resume_as`` is the state that it goes
    back to when the terminal has done with it, empty for one that no terminal has or waits for. ``requested`` is what
    was asked of it: to ``stop`` and to stay so until it is started, or to stop for a ``restart``. ``unready`` counts
    the restarts since it was ready last. ``over`` is the last generation whose end was no restart, and ``over_as`` what
    it was then. ``unstarted`` says why it is failed without a start.
    """

    name: str
    state: State = "waiting"
    generation: int = 0
    pid: int = 0
    ticks: int = 0
    started: float = 0.0
    since: float = 0.0
    ready_at: float = 0.0
    restarts: int = 0
    unready: int = 0
    attempts: list[float] = field(default_factory=list)
    delay: float = 0.0
    released: bool = False
    stopping: bool = False
    exited: bool = False
    status: int | None = None
    exited_at: float = 0.0
    reason: list[str] = field(default_factory=list)
    clean: bool = False
    left: tuple[Unread, ...] | None = None
    untold: Literal["", "signal", "command", "unseen"] = ""
    force_killed: bool = False
    failing: bool = False
    foreground: bool = False
    resume_as: State | Literal[""] = ""
    requested: Literal["stop", "restart", ""] = ""
    over: int = 0
    over_as: State | Literal[""] = ""
    unstarted: str = ""

    @property
    def returning(self) -> bool:
        """Return whether it starts again by itself once it is over, since somebody has asked for that."""
        return self.requested == "restart" or self.resume_as in ("waiting", "backoff")

    @property
    def is_up(self) -> bool:
        """Whether it has come as far as ready, and nothing is known to be wrong with it."""
        left_well = self.state == "leaving" and self.ready_at > 0 and not self.failing
        return left_well or self.state in UP

    def record(self) -> dict[str, Any]:
        """Return what is written to disk."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True, repr=False)
class Expectation:
    """What a socket must have seen before its gate opens: how many handshakes, and which markers."""

    handshakes: int = 0
    markers: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False, repr=False)
class Transition:
    """A process on its way through the gate, or through its drain: what is not worth keeping on disk.

    ``imported`` says that its program is, and waits in the gate. ``gate`` is the number of the last gate request,
    ``met_gate`` that of the last one it met. ``unconfirmed`` maps a publishing process to its sockets and the
    markers that they have not confirmed. ``next`` is when its helpers or itself are asked again. ``deserted`` names the
    sockets of which it was told that nobody takes anything of them any more. ``suspended`` is since when a signal has
    stopped it, 0 for not. ``ended``: its program has. ``heedless``: it has not looked whether to stop since it was
    told. At the sockets that are ``full`` it waits for who reads. ``explained``: it is said what keeps it.
    """

    greeted: bool = False
    imported: bool = False
    gate: int = 0
    met_gate: int = 0
    expected: dict[str, Expectation] = field(default_factory=dict)
    unconfirmed: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    next: float = float("inf")
    pause: float = 0.0
    drained: set[str] = field(default_factory=set)
    deserted: list[str] = field(default_factory=list)
    suspended: float = 0.0
    ended: bool = False
    heedless: bool = False
    full: list[str] = field(default_factory=list)
    explained: bool = False
    kill_at: float = float("inf")
    term_sent: bool = False
    waiting: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, eq=False, repr=False)
class MeshState:
    """All of one mesh.

    ``gates`` are the nodes whose gate is open, each with since when; ``draining`` are those that were told to stop.
    ``held`` are the nodes that wait until somebody starts another one by hand, each with whom it waits for.
    ``killing``: all are to be killed at once. ``absent`` are those that did not run when the drain began, though others
    might still have something for them. ``gate_number`` is the one of the last gate that anybody was asked for.
    """

    plan: Plan
    processes: dict[str, ProcessState]
    tables: Tables
    phase: Phase = "running"
    begun: float = 0.0
    drained: float = 0.0
    reason: str = ""
    exit_status: int | None = None
    deadline: float = float("inf")
    killing: bool = False
    absent: list[str] = field(default_factory=list)
    up: bool = False
    reported: float = float("inf")
    draining: set[str] = field(default_factory=set)
    gates: dict[str, float] = field(default_factory=dict)
    gated: bool = True
    gate_number: int = 0
    transitions: dict[str, Transition] = field(default_factory=lambda: defaultdict(Transition))
    held: dict[str, str] = field(default_factory=dict)

    @property
    def condition(self) -> str:
        """Return the state of the whole in a word."""
        if self.phase != "running":
            return self.phase
        if any(process.state == "failed" for process in self.processes.values()):
            return "degraded"
        return "running" if self.up else "starting"

    def node(self, process: str) -> Node:
        """Return the node of a process."""
        return self.plan.node[self.plan.process[process].node]

    def of(self, node: str) -> list[ProcessState]:
        """Return the processes of a node."""
        return [self.processes[name] for name in self.plan.node[node].processes]

    def is_manual(self, process: str) -> bool:
        """Return whether a process comes and goes by hand: no gate waits for it, and the mesh is up without it."""
        of = self.processes[process]
        return self.node(process).start == "manual" or bool(of.resume_as) or of.requested == "stop"

    def awaited(self, process: str) -> bool:
        """Return whether the mesh is up only with a process: it comes without anybody's hand."""
        return not self.is_manual(process) and self.plan.process[process].node not in self.held

    def keeps_listeners(self, process: str) -> bool:
        """Return whether a process that is over may come back, and so keeps its listening sockets."""
        return self.phase == "running" and (self.is_manual(process) or bool(self.processes[process].requested))

    def planned(self, process: str) -> Process:
        """Return what the plan says of a process."""
        return self.plan.process[process]


def fresh(plan: Plan, now: float) -> MeshState:
    """Return the state of a mesh that has not begun."""
    manual = {process for node in plan.nodes if node.start == "manual" for process in node.processes}
    processes = {
        each.name: ProcessState(each.name, "stopped" if each.name in manual else "waiting", since=now)
        for each in plan.processes
    }
    return MeshState(
        plan=plan,
        processes=processes,
        tables=tables(plan, processes),
        begun=now,
        reported=now + 3.0,
        gate_number=int(now * 1e9),  # above all that a predecessor has given away
    )


def restore(mesh: MeshState, records: Mapping[str, object]) -> list[str]:
    """Put what was on disk into a fresh mesh, and return why what of it could not be read.

    A process that the plan no longer has is left out.
    """
    problems = []
    for name in records.keys() & mesh.processes.keys():
        try:
            mesh.processes[name] = codec.read(ProcessState, name, records[name])
        except BadMessage as error:
            problems.append(str(error))
    return problems
