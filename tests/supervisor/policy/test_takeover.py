from __future__ import annotations

import json

from orchestrator.supervisor.policy import events
from orchestrator.supervisor.policy.effects import Effect, Save
from orchestrator.supervisor.policy.state import restore
from tests.support.plans import World, asked, market, node, plan, signals, starts, told


def successor(before: World) -> World:
    """Give the world of a supervisor that has read what its predecessor saved, and no more."""
    saved = {
        name: json.loads(json.dumps(before.mesh.processes[name].record()))
        for name in {each.process for each in before.done if isinstance(each, Save)}
    }
    world = World(before.mesh.plan)
    world.now = before.now + 0.5
    restore(world.mesh, saved)
    world.mesh.begun, world.mesh.up = before.mesh.begun, before.mesh.up
    world.mesh.gates = dict(before.mesh.gates)
    world.mesh.phase, world.mesh.drained = before.mesh.phase, before.mesh.drained
    return world


def resume(world: World) -> list[Effect]:
    return list(world.take(events.take_over(world.mesh, world.now)))


def test_a_mesh_that_runs_goes_on() -> None:
    world = successor(World(market()).up())
    assert resume(world) == []
    for name in ("feed", "bot-0", "bot-1", "book"):
        assert world.hello(name, phase="running") == []
    assert {each.state for each in world.mesh.processes.values()} == {"ready"}
    assert world.wait(100) == []


def test_who_waited_at_the_gate_still_does() -> None:
    before = World(market(1))
    before.begin()
    before.launched("feed", "bot", "book")
    before.hello("feed", "bot")
    world = successor(before)
    resume(world)
    assert told(world.hello("feed", "bot", "book", phase="gate"), "gate") == ["feed", "bot", "book"]
    assert sorted(told(world.wired("feed", "bot", "book"), "go")) == ["book", "bot", "feed"]


def test_a_gate_that_was_open_stays_open() -> None:
    before = World(market(1)).up()
    before.exit("bot", 1)
    before.again("bot")
    world = successor(before)
    resume(world)
    world.hello("feed", "book", phase="running")
    assert asked(world.hello("bot", phase="gate"), "feed", "touch")[0]["seen"] == {"ticks": ["bot.ticks.2"]}


def test_go_is_said_again_where_it_may_not_have_arrived() -> None:
    world = successor(World(market(1)).up())
    resume(world)
    assert told(world.hello("bot", phase="gate"), "go") == ["bot"]


def test_who_was_about_to_start_does() -> None:
    before = World(market()).up()
    before.exit("bot-0", 1)
    world = successor(before)
    resume(world)
    assert starts(world.wait(1)) == ["bot-0"]


def test_an_exit_meanwhile_is_treated_as_ever() -> None:
    world = successor(World(market()).up())
    world.exit("bot-0", None)
    resume(world)
    assert starts(world.wait(1)) == ["bot-0"]
    assert world["bot-0"].generation == 2


def test_a_drain_goes_on_and_nobody_gets_a_signal_for_it() -> None:
    before = World(market()).up()
    before.down()
    before.exit("feed", 0)
    world = successor(before)
    effects = resume(world)
    assert told(effects, "stop") == ["bot-0", "bot-1"]
    assert not signals(effects)
    assert asked(world.hello("bot-0", phase="stopping"), "bot-0", "stop")
    world.exit("bot-0", 0)
    assert told(world.exit("bot-1", 0), "stop") == ["book"]
    world.exit("book", 0)
    assert world.ends == [0]


def test_who_had_not_started_before_a_drain_never_does() -> None:
    before = World(plan(node("one"), node("two", depends_on={"one": "ready"})))
    before.begin()
    before.launched("one")
    before.down()
    world = successor(before)
    resume(world)
    world.exit("one", -15)
    assert not starts(world.wait(5))
    assert world.ends == [0]


def test_a_program_that_never_says_hello_again_is_given_up() -> None:
    before = World(market(1))
    before.begin()
    before.launched("feed", "bot", "book")
    world = successor(before)
    resume(world)
    world.hello("feed", "book")
    assert signals(world.wait(60.5)) == [("bot", "KILL")]


def test_a_process_that_the_plan_no_longer_has_is_left_out() -> None:
    before = World(market(3)).up()
    world = World(market(2))
    restore(world.mesh, {name: process.record() for name, process in before.mesh.processes.items()})
    assert "bot-2" not in world.mesh.processes


def test_what_a_later_release_saved_is_passed_over() -> None:
    world = World(market())
    restore(world.mesh, {"feed": {**world["feed"].record(), "state": "ready", "added": 1}})
    assert world["feed"].state == "ready"
