from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from orchestrator.plan.model import Restart, Stop
from orchestrator.supervisor.policy import commands
from orchestrator.supervisor.policy.drain_rules import QUIET
from orchestrator.supervisor.policy.effects import Ask, Effect, Unlisten
from orchestrator.supervisor.policy.hindrance import SLOW
from orchestrator.supervisor.policy.state import State
from orchestrator.supervisor.policy.stopping import PATIENCE
from tests.support.plans import World, asked, market, node, plan, reports, sent, signals, starts, told

PIPELINE_OF_TWO = "vent.work PUSH < sink.work PULL"
PIPELINE = ("vent.work PUSH < worker.work PULL", "sink.results PULL < worker.results PUSH")


def pipeline(**worker: Any) -> World:
    return World(plan(node("vent"), node("worker", 2, **worker), node("sink"), edges=PIPELINE)).up()


def leave(world: World, *names: str) -> None:
    for name in names:
        world.exit(name, 0)


def test_sources_leave_before_those_they_feed() -> None:
    world = pipeline()
    effects = world.down()
    assert told(effects, "stop") == ["vent"]
    assert reports(effects, "draining") == [{"order": [["vent"], ["worker"], ["sink"]], "reason": "as asked"}]
    assert told(world.exit("vent", 0), "stop") == ["worker-0", "worker-1"]
    assert not told(world.exit("worker-0", 0), "stop")
    assert told(world.exit("worker-1", 0), "stop") == ["sink"]
    world.exit("sink", 0)
    assert world.ends == [0]
    assert {each.state for each in world.mesh.processes.values()} == {"stopped"}


def test_a_socket_is_to_run_dry_once_all_who_feed_it_have_left() -> None:
    world = pipeline()
    world.down()
    (request,) = asked(world.exit("vent", 0), "worker-0", "stop")
    assert request == {"do": "stop", "grace": 10.0, "dry": ["work"], "cut": [], "quiet": [], "lost": {}}
    assert asked(world.done, "vent", "stop")[0]["dry"] == []


def test_a_socket_fed_by_one_of_its_own_group_is_dry_when_it_has_been_quiet() -> None:
    world = World(plan(node("one"), node("two"), edges=("one.talk PAIR < two.talk PAIR",))).up()
    effects = world.down()
    # Neither feeds the other, so both go at once.
    assert asked(effects, "one", "stop")[0]["quiet"] == []
    assert asked(world.wait(QUIET + 0.1), "one", "stop")[-1]["quiet"] == ["talk"]


def test_a_socket_that_strangers_feed_is_cut() -> None:
    world = World(
        plan(node("vent"), node("sink"), node("absent", 0, processes=()), edges=("sink.in PULL < absent.out PUSH",))
    ).up()
    assert asked(world.down(), "sink", "stop")[0]["cut"] == ["in"]


def test_a_requester_still_gets_its_reply() -> None:
    world = World(plan(node("server"), node("client"), edges=("server.calls REP < client.calls REQ",))).up()
    (request,) = asked(world.down(), "client", "stop")
    assert (request["dry"], request["cut"], request["quiet"]) == ([], [], [])
    assert asked(world.exit("client", 0), "server", "stop")[0]["dry"] == ["calls"]


def test_a_process_is_asked_until_its_sockets_are_dry() -> None:
    world = pipeline()
    world.down()
    world.exit("vent", 0)
    assert len(asked(world.wait(1.0), "worker-0", "stop")) > 5
    world.answer("worker-0", dry=["work"])
    world.wait(0.1)
    assert not asked(world.wait(0.8), "worker-0", "stop")
    assert asked(world.wait(1.0), "worker-1", "stop")


def test_the_grace_that_is_left_is_told() -> None:
    world = pipeline()
    world.down()
    world.exit("vent", 0)
    left = [each["grace"] for each in asked(world.wait(3.0), "worker-0", "stop")]
    assert left == sorted(left, reverse=True)
    assert left[-1] == pytest.approx(7.0, abs=0.1)


def test_after_the_grace_comes_term_then_kill_and_the_process_is_named() -> None:
    world = pipeline(stop=Stop(grace=2.0))
    world.down()
    leave(world, "vent", "worker-1")
    assert not signals(world.wait(1.9))
    assert signals(world.wait(0.2)) == [("worker-0", "TERM")]
    assert signals(world.wait(PATIENCE)) == [("worker-0", "KILL")]
    world.exit("worker-0", -9)
    leave(world, "sink")
    assert world.reports("killed") == [
        {"process": "worker-0", "signal": "TERM", "text": "did not stop in time: SIGTERM"},
        {"process": "worker-0", "signal": "KILL", "text": "killed by SIGKILL"},
    ]
    (end,) = world.reports("ended")
    assert end["killed"] == ["worker-0"]
    assert (end["clean"], end["processes"], end["status"], end["state"]) == (3, 4, 1, "failed")


def test_who_leaves_within_the_grace_is_not_named() -> None:
    world = pipeline(stop=Stop(grace=2.0))
    world.down()
    world.exit("vent", 0)
    world.wait(1.9)
    leave(world, "worker-0", "worker-1", "sink")
    assert world.reports("ended")[0]["killed"] == []
    assert world.reports("ended")[0]["seconds"] == pytest.approx(1.9)


@pytest.mark.parametrize("changed", [{"library": False}, {"stop": Stop(signal="INT", drain=False)}])
def test_who_does_not_drain_gets_its_signal(changed: dict[str, Any]) -> None:
    world = World(plan(node("tool", **changed))).up()
    effects = world.down()
    assert signals(effects) == [("tool", "INT" if "stop" in changed else "TERM")]
    assert not told(effects, "stop")


def test_a_program_that_has_not_begun_gets_a_signal() -> None:
    world = World(market(1))
    world.begin()
    world.launched("feed", "bot", "book")
    world.hello("feed")
    assert signals(world.down()) == [("feed", "TERM")]


def test_who_has_not_started_never_does() -> None:
    world = World(plan(node("one"), node("two", depends_on={"one": "ready"})))
    world.begin()
    world.down()
    assert world["two"].state == "stopped"
    # The keeper had been asked to start it.
    assert signals(world.launched("one")) == [("one", "TERM")]
    world.exit("one", -15)
    assert world.ends == [0]
    assert world["one"].state == "stopped"


def test_who_waits_to_start_again_does_not() -> None:
    world = pipeline()
    world.exit("worker-0", 1)
    world.down()
    assert not starts(world.wait(5))
    leave(world, "vent", "worker-1", "sink")
    assert world.ends == [0]


def test_who_dies_before_its_turn_does_not_start_again() -> None:
    world = pipeline(restart=Restart(delay=30.0))
    world.down()
    world.exit("worker-0", -11)
    assert not starts(world.wait(8))
    assert world["worker-0"].state == "failed"
    leave(world, "vent", "worker-1", "sink")
    assert world.ends == [1]


def test_who_ends_well_before_its_turn_has_stopped() -> None:
    world = pipeline(restart=Restart("always"))
    world.down()
    leave(world, "worker-0", "vent", "worker-1", "sink")
    assert world["worker-0"].state == "stopped"
    assert world.ends == [0]


def test_nobody_connects_to_who_has_left() -> None:
    world = pipeline()
    world.down()
    effects = world.exit("vent", 0)
    assert Unlisten(("vent.work",)) in effects


def test_the_whole_drain_has_one_deadline() -> None:
    world = pipeline()
    world.down(bound=3.0)
    world.wait(2.5)
    world.exit("vent", 0)
    assert asked(world.done, "worker-0", "stop")[0]["grace"] == pytest.approx(0.5)
    assert not signals(world.wait(0.4))
    # No time is left for a SIGTERM.
    assert signals(world.wait(0.2)) == [("worker-0", "KILL"), ("worker-1", "KILL")]


def test_a_second_down_can_only_shorten_the_first() -> None:
    world = pipeline()
    world.down(bound=5.0)
    assert world.down(bound=50.0) == []
    assert world.mesh.deadline == world.now + 5.0
    world.down(bound=1.0)
    assert world.mesh.deadline == world.now + 1.0


def test_a_shorter_deadline_counts_for_those_that_stop_already() -> None:
    world = pipeline()
    world.down()
    world.wait(1.0)
    world.down(bound=0.5)
    assert signals(world.wait(0.6)) == [("vent", "KILL")]


def test_kill_ends_all_at_once() -> None:
    world = pipeline()
    effects = world.kill()
    assert {("vent", "KILL"), ("worker-0", "KILL"), ("worker-1", "KILL"), ("sink", "KILL")} <= set(signals(effects))
    for name in world.alive:
        world.exit(name, -9)
    assert world.ends == [0]
    assert world.reports("ended")[0]["killed"] == ["vent", "worker-0", "worker-1", "sink"]


def test_kill_reaches_one_that_is_being_started() -> None:
    world = World(plan(node("one")))
    world.begin()
    world.kill()
    world.launched("one")
    assert ("one", "KILL") in signals(world.wait(0.1))


# ---- those who send to nobody


def deserted(effects: Iterable[Effect]) -> dict[str, list[str]]:
    """Give who is told so, and of which sockets."""
    asks = [each for each in effects if isinstance(each, Ask) and each.request.KIND == "desert"]
    return {each.process: sent(each.request)["sockets"] for each in asks}


def test_senders_are_told_that_nobody_takes_anything_any_more() -> None:
    world = pipeline()
    world.exit("sink", 0)
    assert not deserted(world.done)  # it starts anew
    world["sink"].state = "done"
    # Also before it is told to stop: whom it feeds it would keep waiting for ever, and with it all before it.
    assert deserted(world.down()) == {"worker-0": ["results"], "worker-1": ["results"]}
    assert deserted(world.exit("worker-0", 0)) == {}
    assert deserted(world.exit("worker-1", 0)) == {"vent": ["work"]}


def test_who_stops_alone_is_told_once_its_receivers_are_over() -> None:
    world = World(plan(node("vent"), node("sink", 2, restart=Restart("never")), edges=(PIPELINE_OF_TWO,))).up()
    world.exit("sink-0", 1)
    assert not deserted(world.take(commands.stop(world.mesh, ["vent"], world.now)))
    assert deserted(world.exit("sink-1", 1)) == {"vent": ["work"]}
    assert asked(world.wait(0.1), "vent", "stop")[-1]["dry"] == []


@pytest.mark.parametrize("state", ["backoff", "waiting", "starting"])
def test_who_may_come_back_is_waited_for(state: State) -> None:
    world = World(plan(node("vent"), node("sink"), edges=(PIPELINE_OF_TWO,))).up()
    world["sink"].state = state
    world["sink"].since = world.now + 1000
    assert not deserted(world.take(commands.stop(world.mesh, ["vent"], world.now)))


def test_where_strangers_may_take_it_nobody_is_told() -> None:
    world = World(
        plan(node("vent"), node("absent", 0, processes=()), edges=("vent.work PUSH < absent.work PULL",))
    ).up()
    assert not deserted(world.down())


def test_a_successor_tells_it_again() -> None:
    world = pipeline()
    world["sink"].state = "done"
    world.down()
    world.mesh.transitions.clear()
    assert deserted(world.hello("worker-0", phase="running")) == {"worker-0": ["results"]}


def test_a_requester_whose_server_is_over_waits_for_no_reply() -> None:
    world = World(plan(node("server"), node("client"), edges=("server.calls REP < client.calls REQ",))).up()
    world["server"].state = "failed"
    (request,) = asked(world.down(), "client", "stop")
    assert request["dry"] == ["calls"]


def test_a_reader_whose_feeder_was_stopped_by_hand_leaves_once_it_is_quiet() -> None:
    world = World(plan(node("vent"), node("sink"), edges=(PIPELINE_OF_TWO,))).up()
    world.take(commands.stop(world.mesh, ["vent"], world.now))
    world.exit("vent", 0)
    effects = world.take(commands.stop(world.mesh, ["sink"], world.now))
    # The listener of the other one is kept, so that a connection to it is no sign of life.
    assert (asked(effects, "sink", "stop")[0]["dry"], asked(effects, "sink", "stop")[0]["quiet"]) == ([], [])
    assert asked(world.wait(QUIET + 0.1), "sink", "stop")[-1]["quiet"] == ["work"]


# ---- why somebody does not leave


def notes(effects: Iterable[Effect]) -> list[str]:
    return [each["text"] for each in reports(effects, "note")]


def test_who_never_looks_is_named_after_a_while_and_when_it_is_killed() -> None:
    world = pipeline()
    world.down()
    world.answer("vent", dry=[], looked=False)
    assert not notes(world.wait(SLOW + 0.1))
    assert notes(world.answer("vent", dry=[], looked=False)) == [
        "vent has not stopped yet: it never looked at node.stopping"
    ]
    assert not notes(world.answer("vent", dry=[], looked=False))
    world.wait(10)
    assert "since it never looked at node.stopping: SIGTERM" in world.reports("killed")[0]["text"]


def test_the_reader_is_named_that_a_sender_waits_for() -> None:
    world = pipeline()
    world.down()
    world.wait(SLOW)
    assert notes(world.answer("vent", dry=[], looked=False, full=["work"])) == [
        "vent has not stopped yet: worker-0 or worker-1 have not taken what it sends at work"
    ]


def test_the_reader_is_named_that_holds_up_one_whose_program_has_ended() -> None:
    world = pipeline()
    world.down()
    world.say("vent", say="leaving", failed=False)
    world.exit("worker-1", 1)
    world.wait(SLOW)
    assert notes(world.answer("vent", dry=[])) == [
        "vent has not stopped yet: its program has ended, and worker-0 has not read all that it sent"
    ]


def test_who_waits_for_what_may_still_come_is_not_blamed() -> None:
    world = pipeline()
    world.down()
    world.exit("vent", 0)
    world.wait(SLOW + 0.1)
    assert not notes(world.answer("worker-0", dry=[], looked=False))


def test_who_waits_for_its_restart_when_a_mesh_drains_gives_its_listeners_up() -> None:
    """Who reads from it would never run dry: its connection would wait in the backlog of nobody."""
    world = World(plan(node("source"), node("sink"), edges=("source.out PUSH < sink.in PULL",))).up()
    world.exit("source", 1)
    assert world["source"].state == "backoff"
    new = world.down()
    assert [name for each in new if isinstance(each, Unlisten) for name in each.endpoints] == ["source.out"]
