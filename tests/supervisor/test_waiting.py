"""Who waits is told when it holds, and is not served for ever."""

from __future__ import annotations

import asyncio
from typing import Any

from orchestrator.supervisor import verbs
from orchestrator.supervisor.waiting import Waiting

from .plans import World, market, node, plan


def wait(world: World, what: str, processes: dict[str, int], then: Any = lambda: None, within: float = 5.0) -> Any:
    """Wait; once waiting, let something happen of which the waiting one is told."""

    async def play() -> Any:
        waiting = Waiting(world.mesh)
        request = {"for": what, "processes": processes, "within": within}
        going = asyncio.create_task(waiting.wait(request))
        await asyncio.sleep(0)
        then()
        waiting.changed()
        return (await going)["ok"]

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
    world.take(verbs.stop(world.mesh, ["b"], world.now))
    world.exit("b")
    assert states(wait(world, "ready", {})) == {"a": "ready"}


def test_who_has_yet_to_start_again_is_not_over() -> None:
    world = World(plan(node("a"), node("b"), edges=("b.in PULL < a.out PUSH",))).up()
    world.take(verbs.restart(world.mesh, ["a", "b"], world.now))
    world.exit("a")
    assert world["a"].state == "stopped"
    assert wait(world, "over", {"a": 1}, within=0.01)["pending"] == ["a"]
    assert wait(world, "ready", {"a": 2}, within=0.01)["pending"] == ["a"]
