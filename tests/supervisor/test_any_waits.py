"""Whatever commands come between, in whatever order: nobody waits for what cannot come any more."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.plan.model import Plan
from orchestrator.supervisor import acting, by_hand, policy, waiting
from orchestrator.supervisor.acting import Acting
from orchestrator.supervisor.state import ALIVE, OVER

from .plans import plan
from .test_any_events import EVENTS, Machine, nodes

ENOUGH = 400.0
"""Seconds within which each of these processes is ready, has failed for good or has been killed."""

CONDITIONS = st.sampled_from(["started", "ready"])
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
    """Somebody waits; ``due`` says that what is waited for was there, whatever comes later."""

    name: str
    what: str
    generation: int
    answered: bool = False
    due: bool = False


class Asked(Machine):
    """A machine with clients that ask for something and wait for it."""

    def __init__(self, of: Plan) -> None:
        super().__init__(of)
        self.waits: list[Wait] = []
        self.acting = Acting(self.mesh, self.take, self._listen)

    async def _listen(self, names: list[str]) -> dict[str, str]:
        return {}

    def look(self) -> None:
        """Answer those whose wait is over, and note what was there to be seen."""
        for wait in self.waits:
            process = self[wait.name]
            why = {
                "ready": lambda wait=wait, process=process: waiting.ready(self.mesh, process, wait.generation),
                "ended": lambda wait=wait, process=process: waiting.ended(process, wait.generation),
                "over": lambda wait=wait, process=process: waiting.over(process, wait.generation),
            }[wait.what]()
            wait.answered = wait.answered or why is not None
            stays = process.state in OVER and process.wish != "restart" and not process.returns
            wait.due = wait.due or (wait.what == "over" and stays)

    def open(self, *names: str, what: str = "") -> list[Wait]:
        self.look()
        return [each for each in self.waits if not each.answered and each.name in names and what in ("", each.what)]

    def command(self, verb: str, name: str) -> None:
        if self.mesh.phase != "running":
            return
        match verb:
            case "down":
                self.down()
                assert not self.open(*self.mesh.processes, what="ready")
            case "run":
                if not self[name].returns:
                    self.take(by_hand.claim(self.mesh, name, self.now))
                    assert not self.open(name, what="ready")
            case "wait --exit":
                self.waits.append(Wait(name, "over", waiting.next_end(self[name])))
            case _:
                self._act(verb, name)

    def _act(self, verb: str, name: str) -> None:
        with patch.object(acting, "now", lambda: self.now):
            answer = asyncio.run(self.acting.act({"verb": verb, "processes": [name]}))
        if "error" in answer:
            return
        found = answer["ok"]["processes"]
        self.waits.append(Wait(name, "ended" if verb == "stop" else "ready", found[name]))
        if verb == "stop":
            assert not self.open(name, what="ready"), "it waits for a start that was taken back"

    def hands(self, *, leave: bool) -> None:
        """Let terminals take what was claimed for them, and leave it if they do."""
        for name, process in self.mesh.processes.items():
            if process.terminal and (leave or process.stopping):
                self.take(by_hand.left(self.mesh, name, self.now))
            elif process.returns and not process.terminal and process.state in OVER:
                if self.mesh.phase == "running":
                    self.take(by_hand.take(self.mesh, name, 4711, 1, self.now))
                else:
                    self.take(by_hand.release(self.mesh, name, self.now))

    def help(self) -> None:
        """Let all that start come as far as ready."""
        for name, process in self.mesh.processes.items():
            if not process.pid or process.stopping:
                continue
            if self.mesh.node(name).library and not self.mesh.passing[name].hello:
                self.hello(name)
            if gates := self.asked(name, "gate"):
                self.say(name, say="wired", gate=gates[-1]["id"])
            for other in self.mesh.processes:
                self.answer(name, seen=[f"{other}.ticks.{self[other].generation}"])
            if process.opened or not self.mesh.node(name).library:
                self.ready(name)

    def play_out(self, *, helpful: bool) -> None:
        """Go on until nobody waits for a command, or for so long that nothing is under way any more."""
        until = self.now + ENOUGH
        while self.now < until and not self.ends:
            self.keep()
            self.hands(leave=False)
            if helpful:
                self.help()
            for name in [name for name in self.alive if self[name].stopping and self[name].pid]:
                if not self[name].terminal:
                    self.exit(name, 0)
            self.look()
            if not any(not wait.answered for wait in self.waits if wait.what != "over"):
                return
            self.wait(min(1.0, max(0.0, policy.next_due(self.mesh) - self.now)) or 0.01)


STEPS = st.lists(st.tuples(st.booleans(), EVENTS, COMMANDS, st.booleans()), max_size=40)


@settings(max_examples=250, deadline=None)
@given(plans(), STEPS, st.booleans())
def test_no_command_waits_once_nothing_is_under_way(of: Plan, steps: list[Any], helpful: bool) -> None:
    world = Asked(of)
    world.begin()
    names = list(of.process)
    for asks, event, verb, at_hand in steps:
        if asks:
            world.command(verb, names[event[1] % len(names)])
        elif event[0] not in ("stop", "start", "restart", "exit") or not world[names[event[1] % len(names)]].terminal:
            world.happen(*event)
        if at_hand:
            world.hands(leave=event[1] % 2 == 0)
        world.look()
    world.play_out(helpful=helpful)
    world.look()
    if not world.ends:  # else no client is left
        assert [wait for wait in world.waits if not wait.answered and wait.what != "over"] == []
    assert [wait for wait in world.waits if wait.due and not wait.answered] == []


@settings(max_examples=100, deadline=None)
@given(plans(), STEPS)
def test_the_end_of_a_generation_is_answered_at_once(of: Plan, steps: list[Any]) -> None:
    world = Asked(of)
    world.begin()
    names = list(of.process)
    for asks, event, verb, _ in steps:
        name = names[event[1] % len(names)]
        if asks and verb in ("stop", "start", "restart"):
            world.command(verb, name)
        elif not asks and event[0] not in ("stop", "start", "restart"):
            world.happen(*event)
        for wait in world.open(*names, what="ended"):
            assert world[wait.name].state in ALIVE
            assert world[wait.name].generation == wait.generation
