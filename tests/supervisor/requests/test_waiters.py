"""Who waits is told when it holds, and is not served for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from orchestrator.control import verbs
from orchestrator.supervisor.errors import Refusal
from orchestrator.supervisor.policy import commands, foreground
from orchestrator.supervisor.requests.waiters import Waiters
from tests.support.plans import World, market, node, plan, starts


def wait(world: World, what: Any, processes: dict[str, int], then: Any = lambda: None, within: float = 5.0) -> Any:
    """Wait; once waiting, let something happen of which the waiting one is told."""

    async def play() -> Any:
        waiting = Waiters(world.mesh)
        going = asyncio.create_task(waiting.wait(verbs.Wait(what, processes, within)))
        await asyncio.sleep(0)
        then()
        waiting.changed()
        return await going

    return asyncio.run(play())


def states(answer: Any) -> dict[str, str]:
    return {name: each["state"] for name, each in answer["processes"].items()}


def test_what_holds_is_answered_at_once() -> None:
    world = World(market(1)).up()
    answer = wait(world, "ready", {"book": 1})
    assert (answer["pending"], states(answer)) == ([], {"book": "ready"})


def test_what_comes_is_answered_when_it_has_come() -> None:
    world = World(market(1)).up()
    answer = wait(world, "over", {"book": 1}, lambda: (world.down(), [world.exit(each) for each in world.alive]))
    assert (answer["pending"], states(answer), answer["mesh"]) == ([], {"book": "stopped"}, "ended")


def test_what_does_not_come_is_answered_after_a_while() -> None:
    world = World(market(1)).up()
    answer = wait(world, "ready", {"book": 2, "feed": 1}, within=0.01)
    assert (answer["pending"], states(answer)) == (["book"], {"book": "ready", "feed": "ready"})


def test_no_names_are_all_that_are_to_run() -> None:
    world = World(plan(node("a"), node("b"), node("hand", start="manual"))).up()
    world.take(commands.stop(world.mesh, ["b"], world.now))
    world.exit("b")
    assert states(wait(world, "ready", {})) == {"a": "ready"}


def test_who_has_yet_to_start_again_is_not_over() -> None:
    world = World(plan(node("a"), node("b"), edges=("b.in PULL < a.out PUSH",))).up()
    world.take(commands.restart(world.mesh, ["a", "b"], world.now))
    world.exit("a")
    assert world["a"].state == "stopped"
    assert wait(world, "over", {"a": 1}, within=0.01)["pending"] == ["a"]
    assert wait(world, "ready", {"a": 2}, within=0.01)["pending"] == ["a"]


def ask(world: World, verb: Any, name: str) -> None:
    world.take(verb(world.mesh, [name], world.now))


def stopped_and_started(world: World) -> None:
    ask(world, commands.stop, "book")
    world.exit("book", 0)
    ask(world, commands.start, "book")


def test_a_stop_is_over_with_its_generation_though_another_one_runs() -> None:
    world = World(market(1)).up()
    stopped_and_started(world)
    answer = wait(world, "ended", {"book": 1}, within=0.01)
    assert (answer["pending"], answer["processes"]["book"]["why"]) == ([], "started again by another command meanwhile")


def test_an_end_for_good_is_seen_by_who_looks_later() -> None:
    world = World(market(1)).up()
    wanted = wait(world, "over", {"book": 0}, within=0.01)["wanted"]
    stopped_and_started(world)
    answer = wait(world, "over", wanted, within=0.01)
    assert (answer["pending"], states(answer)) == ([], {"book": "stopped"})
    assert wait(world, "over", {"book": 0}, within=0.01)["pending"] == ["book"]  # who comes later waits for the next


@pytest.mark.parametrize(
    ("between", "why"),
    [
        (lambda world: ask(world, commands.stop, "book"), "stopped by another command meanwhile"),
        (lambda world: world.take(foreground.claim(world.mesh, "book", world.now)), "taken by a terminal meanwhile"),
        (lambda world: world.down(), "the mesh is being stopped"),
    ],
)
def test_a_start_that_does_not_come_any_more_is_answered_at_once(between: Callable[[World], Any], why: str) -> None:
    world = World(market(1)).up()
    ask(world, commands.restart, "book")
    answer = wait(world, "ready", {"book": 2}, lambda: between(world), within=60)
    assert (answer["pending"], states(answer)) == ([], {"book": "draining"})
    assert answer["processes"]["book"]["why"] == why


def test_who_waits_for_a_hand_is_answered_at_once() -> None:
    hand = node("hand", start="manual")
    world = World(plan(hand, node("near", depends_on={"hand": "ready"}), node("far", depends_on={"near": "started"})))
    world.begin()
    answer = wait(world, "ready", {"far": 0}, within=60)
    assert answer["processes"]["far"]["why"] == "waits for hand, which is started by hand"


def test_others_of_a_wave_do_not_wait_for_who_waits_for_a_hand() -> None:
    nodes = [node("hand", start="manual"), node("first"), node("held", depends_on={"hand": "ready"})]
    world = World(plan(*nodes, node("other", depends_on={"first": "ready"}))).up()
    assert {name: world[name].state for name in ("held", "other")} == {"held": "waiting", "other": "ready"}
    ask(world, commands.start, "hand")
    world.launched("hand")
    world.hello("hand")
    assert starts(world.wired("hand")) == ["held"]


def test_who_waits_for_a_process_that_is_not_there_is_refused() -> None:
    with pytest.raises(Refusal, match=r"^no process nobody$"):
        wait(World(market(1)).up(), "ready", {"nobody": 0})
