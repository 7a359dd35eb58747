"""Whatever happens, in whatever order: the policy never raises, and a drain always comes to its end."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.contract.node_messages import Go
from orchestrator.plan.model import Plan, Ready, Restart, Stop
from orchestrator.supervisor.policy import commands, dependencies, outcome, timers
from orchestrator.supervisor.policy.effects import Ask, Effect, End, Report, Signal, Start
from orchestrator.supervisor.policy.state import ALIVE, OVER
from orchestrator.supervisor.policy.stopping import PATIENCE
from orchestrator.supervisor.policy.tables import tables
from tests.support.plans import World, node, plan

POLICIES = st.sampled_from([Restart("always", max_attempts=2), Restart("on-failure", delay=0.5), Restart("never")])
READINESS = st.sampled_from([Ready("library", 5.0), Ready("notify", 5.0)])
STOPS = st.sampled_from([Stop(grace=2.0), Stop(drain=False, grace=0.5)])


@st.composite
def nodes(draw: st.DrawFn, /, name: str, needs: str = "", **fixed: Any) -> Any:
    library = fixed.pop("library", None)
    changed: dict[str, Any] = {
        "library": draw(st.booleans()) if library is None else library,
        "kind": draw(st.sampled_from(["service", "job", "main"])),
        "critical": draw(st.booleans()),
        "restart": draw(POLICIES),
        "stop": draw(STOPS),
        "depends_on": {needs: draw(st.sampled_from(["started", "ready", "done"]))} if needs else {},
    }
    changed["ready"] = draw(READINESS) if changed["library"] else Ready("listening", 5.0)
    return node(name, draw(st.integers(1, 3)), **(changed | fixed))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    needs = draw(st.sampled_from(["", "feed", "tool"]))
    return plan(
        draw(nodes("feed", library=True)),
        draw(nodes("bot", needs, library=True)),
        draw(nodes("book", draw(st.sampled_from(["", "bot"])), library=True)),
        draw(nodes("tool")),
        edges=(
            "feed.ticks PUB < bot.ticks SUB",
            "book.orders PULL < bot.orders PUSH",
            "book.talk PAIR < tool.talk PAIR",
        ),
    )


EVENTS = st.tuples(
    st.sampled_from(
        [
            "launch",
            "launch",
            "fail",
            "hello",
            "hello",
            "sockets_ready",
            "sockets_ready",
            "seen",
            "ready",
            "exit",
            "wait",
            "stale",
            "dry",
            "stop",
            "start",
            "restart",
        ]
    ),
    st.integers(0, 11),
    st.sampled_from([0, 1, -9, None, 0.001, 0.3, 4.0]),
)


def of_wave(of: Plan, number: int) -> list[str]:
    """Give the nodes of a wave that pass its gate."""
    return [name for name in of.waves[number] if of.node[name].library]


class Machine(World):
    """A world with a keeper: it starts what it is asked to, and what is killed dies."""

    def __init__(self, of: Plan) -> None:
        super().__init__(of)
        self.wanted: list[str] = []
        self.force_killed: list[str] = []

    def take(self, effects: Any) -> list[Effect]:
        new = super().take(effects)
        for effect in new:
            match effect:
                case Start(name):
                    assert self[name].state == "starting"
                    assert name not in self.wanted, "started twice"
                    assert not self.ends, "started after the end"
                    self.wanted.append(name)
                case Signal(name, "KILL"):
                    self.force_killed.append(name)
                case Ask(name, Go()):
                    transition = self.mesh.transitions[name]
                    assert transition.greeted
                    assert transition.gate == transition.met_gate > 0
                    assert not transition.unconfirmed
                case Report("gate", {"wave": wave}):
                    for node_name in of_wave(self.mesh.plan, wave):
                        assert all(
                            each.released or each.state in OVER or not self.mesh.awaited(each.name)
                            for each in self.mesh.of(node_name)
                        )
        for name, process in self.mesh.processes.items():
            assert (process.state in ALIVE) or not process.pid, name
        return new

    def keep(self) -> None:
        """Start all that is wanted; let die who was killed."""
        while self.wanted or any(self[name].state in ALIVE for name in self.force_killed):
            for name in self.wanted[:]:
                self.wanted.remove(name)
                if self[name].state in ALIVE:
                    self.launched(name)
            self.bury()

    def bury(self) -> None:
        for name in self.force_killed[:]:
            if self[name].pid:
                self.force_killed.remove(name)
                self.exit(name, -9)
            elif self[name].state not in ALIVE:
                self.force_killed.remove(name)

    def ask(self, verb: str, *names: str) -> None:
        """Ask something of processes, as a client does."""
        asked = {"stop": commands.stop, "start": commands.start, "restart": commands.restart}[verb]
        self.take(asked(self.mesh, names, self.now))

    def settle(self) -> None:
        """Go on until nothing is under way any more, with processes that neither leave nor say anything."""
        for _ in range(1000):
            self.keep()
            if not self.alive or self.ends:
                return
            due = timers.next_due(self.mesh)
            assert due < float("inf"), "nothing will ever happen again"
            self.wait(max(0.0, due - self.now))
        raise AssertionError("it does not come to an end")

    def happen(self, event: str, number: int, value: Any) -> None:
        names = list(self.mesh.processes)
        name = names[number % len(names)]
        has_pid = bool(self[name].pid)
        gates = self.asked(name, "gate")
        match event:
            case "launch" if self.wanted:
                self.launched(self.wanted.pop(0))
            case "fail" if self.wanted:
                self.exit(self.wanted.pop(0), 126, "no such file")
            case "hello" if has_pid and self.mesh.node(name).library:
                self.hello(name, phase="running" if self[name].released else "starting")
            case "sockets_ready" if has_pid and gates:
                self.say(name, say="sockets_ready", gate=gates[-1]["id"])
            case "stale":
                self.say(name, say="hello", generation=self[name].generation - 1, phase="running")
                self.say(name, say="sockets_ready", gate=1)
            case "seen":
                self.answer(name, seen={"ticks": [f"{other}.ticks.{self[other].generation}" for other in names]})
            case "ready" if has_pid:
                self.ready(name)
            case "dry":
                self.answer(name, dry=["ticks", "orders", "talk"])
                self.answer(name, waiting={"ticks": "handshakes 0/1"})
            case "exit" if has_pid:
                self.exit(name, None if value is None else int(value))
            case "stop" | "start" | "restart" if self.mesh.phase == "running":
                self.ask(event, *{name, names[(number // 2) % len(names)]})
            case "wait":
                self.wait(abs(value or 0.01))


@given(plans(), st.lists(EVENTS, max_size=60), st.sampled_from([None, 1.0]), st.lists(EVENTS, max_size=15))
def test_a_drain_ends_whatever_came_before(
    of: Plan, before: list[Any], bound: float | None, meanwhile: list[Any]
) -> None:
    world = Machine(of)
    world.begin()
    for event in before:
        world.happen(*event)
    world.down(bound)
    asked_at = world.now
    for event in meanwhile:
        world.happen(*event)
    # Nobody leaves by itself any more, and nobody says anything.
    for _ in range(1000):
        world.keep()
        if world.ends:
            break
        due = timers.next_due(world.mesh)
        assert due < float("inf"), "nothing will ever happen again"
        world.wait(max(0.0, due - world.now))
    assert len(world.ends) == 1
    assert all(process.state in OVER for process in world.mesh.processes.values())
    assert world.ends == [outcome.exit_status(world.mesh)]
    assert isinstance(world.done[-1], End)
    passed = sum(abs(value or 0.01) for event, _, value in meanwhile if event == "wait")
    if bound is not None:
        assert world.now - asked_at <= max(bound, passed) + PATIENCE


@given(plans(), st.lists(EVENTS, max_size=60), st.sampled_from(["start", "restart"]))
def test_who_is_stopped_ends_and_stays_so_until_it_is_started(of: Plan, before: list[Any], again: str) -> None:
    world = Machine(of)
    world.begin()
    for event in before:
        world.happen(*event)
    if world.mesh.phase != "running":
        return
    stopped = [name for name, process in world.mesh.processes.items() if process.state not in OVER]
    world.ask("stop", *world.mesh.processes)
    world.settle()
    if world.mesh.phase != "running":  # one that was critical had no part in it: it failed before it was asked
        return
    world.wait(1000)
    assert world.wanted == world.alive == []
    assert {world[name].state for name in stopped} <= {"stopped", "done", "failed"}
    for name in world.mesh.processes:
        world.ask(again, name)
    assert set(world.wanted) >= {name for name in of.waves[0] if name in world.mesh.processes}
    assert not any(process.requested for process in world.mesh.processes.values())


@given(plans(), st.lists(EVENTS, max_size=60))
def test_kill_ends_at_once(of: Plan, before: list[Any]) -> None:
    world = Machine(of)
    world.begin()
    for event in before:
        world.happen(*event)
    world.kill()
    asked_at = world.now
    for _ in range(100):
        world.keep()
        if world.ends:
            break
        world.wait(max(0.0, timers.next_due(world.mesh) - world.now))
    assert len(world.ends) == 1
    assert world.now == asked_at


@given(plans(), st.lists(EVENTS, max_size=80))
def test_no_program_runs_before_its_gate_is_open(of: Plan, events: list[Any]) -> None:
    world = Machine(of)
    world.begin()
    for event in events:
        world.happen(*event)


@given(plans(), st.lists(EVENTS, max_size=60))
def test_the_same_events_have_the_same_effects(of: Plan, happened: list[Any]) -> None:
    worlds = [Machine(of), Machine(of)]
    for world in worlds:
        world.begin()
        for event in happened:
            world.happen(*event)
        world.down()
    assert worlds[0].done == worlds[1].done


@given(plans(), st.lists(EVENTS, max_size=60))
def test_tables_made_anew_at_any_moment_are_equal(of: Plan, happened: list[Any]) -> None:
    world = Machine(of)
    world.begin()
    for event in happened:
        world.happen(*event)
        assert world.mesh.tables == tables(of, world.mesh.processes)
        assert world.mesh.held == dependencies.held(world.mesh)
