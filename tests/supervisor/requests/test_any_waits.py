"""Whatever commands come between, in whatever order: nobody waits for what cannot come any more."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.control import verbs
from orchestrator.plan.model import Plan
from orchestrator.supervisor.errors import Refusal
from orchestrator.supervisor.policy import foreground, timers
from orchestrator.supervisor.policy.effects import Effect, Start
from orchestrator.supervisor.policy.state import ALIVE, OVER
from orchestrator.supervisor.requests import commands, waiters
from orchestrator.supervisor.requests.commands import Commands
from tests.support.plans import plan

from ..policy.test_any_events import EVENTS, Machine, nodes

ENOUGH = 150.0
"""Seconds within which each of these processes is ready, has failed for good or has been killed."""

CONDITIONS = st.sampled_from(["started", "ready"])
ACTS = {"stop": verbs.Stop, "start": verbs.Start, "restart": verbs.Restart}
COMMANDS = st.sampled_from(["stop", "start", "restart", "wait --exit", "run", "down"])


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    def needs(*names: str) -> dict[str, Any]:
        chosen = draw(st.sampled_from(["", *names]))
        return {chosen: draw(CONDITIONS)} if chosen else {}

    start = st.sampled_from(["auto", "manual"])
    return plan(
        draw(nodes("feed", library=True, start=draw(start))),
        draw(nodes("bot", library=True, depends_on=needs("feed", "tool"))),
        draw(nodes("book", library=True, depends_on=needs("bot", "feed"))),
        draw(nodes("tool", start=draw(start))),
        edges=("feed.ticks PUB < bot.ticks SUB", "book.orders PULL < bot.orders PUSH"),
    )


@dataclass
class Wait:
    """Somebody waits, and looks when it likes. ``came`` says that what is waited for was there to be seen."""

    name: str
    what: str
    generation: int
    came: bool = False


def at_once(does: Coroutine[Any, Any, Any]) -> Any:
    """Give what a coroutine returns that never has to wait."""
    try:
        does.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits")


class Asked(Machine):
    """A machine with clients that ask for something and wait for it."""

    def __init__(self, of: Plan) -> None:
        super().__init__(of)
        self.waits: list[Wait] = []
        self.acting = Commands(self.mesh, self.take, self._listen)

    def take(self, effects: Any) -> list[Effect]:
        new = super().take(effects)
        for effect in new:
            assert not (isinstance(effect, Start) and self[effect.process].resume_as), "a terminal waits for its end"
        return new

    async def _listen(self, names: list[str]) -> dict[str, str]:
        return {}

    def why(self, wait: Wait) -> str | None:
        process = self[wait.name]
        match wait.what:
            case "ready":
                return waiters.ready(self.mesh, process, wait.generation)
            case "ended":
                return waiters.ended(process, wait.generation)
            case _:
                return waiters.over(process, wait.generation)

    def look(self) -> None:
        """See what comes; who waits for an end may look later, so it must stay to be seen."""
        for wait in self.waits:
            process = self[wait.name]
            match wait.what:
                case "ready":
                    wait.came = wait.came or self.why(wait) is not None
                case "ended":
                    wait.came = wait.came or process.state not in ALIVE or process.generation > wait.generation
                case _:
                    stays = process.state in OVER and process.requested != "restart" and not process.resume_as
                    wait.came = wait.came or stays
        assert [wait for wait in self.waits if wait.what != "ready" and wait.came and self.why(wait) is None] == []

    def open(self, *names: str) -> list[Wait]:
        """Give those who still wait for a start of these."""
        self.look()
        return [each for each in self.waits if not each.came and each.name in names and each.what == "ready"]

    def command(self, verb: str, name: str) -> None:
        if self.mesh.phase != "running":
            return
        match verb:
            case "down":
                self.down()
                assert not self.open(*self.mesh.processes)
            case "run":
                if not self[name].resume_as:
                    self.take(foreground.claim(self.mesh, name, self.now))
                    assert not self.open(name)
            case "wait --exit":
                wait = Wait(name, "over", waiters.next_end(self[name]))
                self.waits += [wait] if self.why(wait) is None else []
            case _:
                self._act(verb, name)

    def _act(self, verb: str, name: str) -> None:
        with patch.object(commands, "now", lambda: self.now):
            try:
                found = at_once(self.acting.act(ACTS[verb]((name,))))["processes"]
            except Refusal:
                return
        self.waits.append(Wait(name, "ended" if verb == "stop" else "ready", found[name]))
        if verb == "stop":
            assert not self.open(name), "it waits for a start that was taken back"

    def hands(self, *, leave: bool) -> None:
        """Let terminals take what was claimed for them, and leave it if they do."""
        for name, process in self.mesh.processes.items():
            if process.foreground and (leave or process.stopping):
                self.take(foreground.left(self.mesh, name, self.now))
            elif process.resume_as and not process.foreground and process.state in OVER:
                if self.mesh.phase == "running":
                    self.take(foreground.take(self.mesh, name, 4711, 1, self.now))
                else:
                    self.take(foreground.release(self.mesh, name, self.now))

    def help(self) -> None:
        """Let all that start come as far as ready."""
        for name, process in self.mesh.processes.items():
            if not process.pid or process.stopping:
                continue
            if self.mesh.node(name).library and not self.mesh.transitions[name].greeted:
                self.hello(name)
            if gates := self.asked(name, "gate"):
                self.say(name, say="sockets_ready", gate=gates[-1]["id"])
            for other in self.mesh.processes:
                self.answer(name, seen={"ticks": [f"{other}.ticks.{self[other].generation}"]})
            if process.released or not self.mesh.node(name).library:
                self.ready(name)

    def leave(self) -> None:
        """Let those end that were told to."""
        for name in [name for name in self.alive if self[name].stopping and self[name].pid]:
            if not self[name].foreground:
                self.exit(name, 0)

    def play_out(self, *, helpful: bool) -> None:
        """Go on until nobody waits for a command, or for so long that nothing is under way any more."""
        until = self.now + ENOUGH
        while self.now < until and not self.ends:
            self.keep()
            self.hands(leave=False)
            if helpful:
                self.help()
            self.leave()
            self.look()
            if all(wait.came for wait in self.waits if wait.what != "over"):
                return
            self.wait(max(0.01, timers.next_due(self.mesh) - self.now))

    def step(self, kind: str, event: Any, verb: str) -> None:
        name = list(self.mesh.processes)[event[1] % len(self.mesh.processes)]
        match kind:
            case "command":
                # Of two only, so that they come between one another.
                self.command(verb, list(self.mesh.processes)[-(event[1] % 2)])
            case "help":
                self.keep()
                self.help()
            case "leave":
                self.leave()
            case "hands":
                self.hands(leave=event[1] % 2 == 0)
            case _ if event[0] not in ("stop", "start", "restart", "exit") or not self[name].foreground:
                self.happen(*event)
        self.look()


STEPS = st.lists(
    st.tuples(st.sampled_from(["command", "command", "help", "leave", "hands", "event"]), EVENTS, COMMANDS), max_size=25
)


@given(plans(), st.booleans(), STEPS, st.booleans())
def test_no_command_waits_once_nothing_is_under_way(of: Plan, up: bool, steps: list[Any], helpful: bool) -> None:
    world = Asked(of)
    world.begin()
    for _ in range(4 if up else 0):
        world.step("help", ("", 0), "")
    for step in steps:
        world.step(*step)
    world.play_out(helpful=helpful)
    if not world.ends:  # else no client is left
        assert [wait for wait in world.waits if not wait.came and wait.what != "over"] == []
