from __future__ import annotations

import pytest

from orchestrator.plan.model import Condition, Restart
from orchestrator.supervisor.policy import commands, events
from orchestrator.supervisor.policy.restart import pause
from tests.support.plans import World, asked, market, node, plan, reports, signals, starts, told

ONCE = Restart("never")


def leave_all(world: World) -> None:
    while world.alive:
        for name in world.alive:
            if world[name].stopping:
                world.exit(name, 0)


def test_a_mesh_drains_when_its_mains_are_done() -> None:
    world = World(market(kind="main", restart=ONCE)).up()
    effects = world.exit("feed", 0)
    assert reports(effects, "draining")[0]["reason"] == "feed done"
    assert told(effects, "stop") == ["bot-0", "bot-1"]
    leave_all(world)
    assert world.ends == [0]
    assert world["feed"].state == "done"


def test_all_mains_have_to_be_done() -> None:
    world = World(plan(node("one", kind="main", restart=ONCE), node("two", 2, kind="main", restart=ONCE))).up()
    world.exit("one", 0)
    world.exit("two-1", 0)
    assert not world.reports("draining")
    world.exit("two-0", 0)
    assert world.reports("draining")[0]["reason"] == "one, two done"
    assert world.ends == [0]


@pytest.mark.parametrize(("status", "verdict"), [(3, 3), (1, 1), (2, 1), (-9, 137), (-15, 143), (None, 1)])
def test_a_mesh_ends_with_its_mains_status(status: int | None, verdict: int) -> None:
    world = World(market(kind="main", restart=ONCE)).up()
    assert reports(world.exit("feed", status), "draining")[0]["reason"] == "feed failed"
    leave_all(world)
    assert world.ends == [verdict]
    assert world.reports("ended")[0]["state"] == "failed"


def test_a_main_that_is_to_start_again_does_not_end_the_mesh() -> None:
    world = World(market(kind="main", restart=Restart("on-failure"))).up()
    world.exit("feed", 1)
    assert not world.reports("draining")
    world.again("feed")
    world.wired("feed")
    world.exit("feed", 0)
    assert world.reports("draining")
    leave_all(world)
    assert world.ends == [0]
    assert world.reports("ended")[0]["restarts"] == 1


def test_a_service_that_fails_for_good_leaves_the_others_alone() -> None:
    world = World(plan(node("one", restart=ONCE), node("two"))).up()
    world.exit("one", 2)
    assert not world.reports("draining")
    assert world.mesh.condition == "degraded"
    world.down()
    leave_all(world)
    assert world.ends == [1]


def test_a_critical_one_that_fails_for_good_ends_the_mesh() -> None:
    world = World(plan(node("one", critical=True, restart=Restart(max_attempts=1)), node("two"))).up()
    world.exit("one", 2)
    assert not world.reports("draining")
    world.again("one")
    assert reports(world.exit("one", 2), "draining")[0]["reason"] == "one, which is critical, failed"
    leave_all(world)
    assert world.ends == [1]


def test_a_mesh_of_which_nothing_runs_any_more_ends() -> None:
    world = World(plan(node("one", kind="job", restart=ONCE), node("two"))).up()
    world.exit("one", 0)
    assert not world.ends
    world.exit("two", 0)
    assert world.ends == [0]
    assert world.reports("draining")[0]["reason"] == "nothing runs any more"


def test_mains_that_were_stopped_are_no_failure() -> None:
    world = World(market(kind="main", restart=ONCE)).up()
    world.down()
    leave_all(world)
    assert world.ends == [0]
    assert world["feed"].state == "stopped"


@pytest.mark.parametrize(("status", "verdict"), [(3, 3), (2, 1), (-11, 139), (-15, 143), (None, 1)])
def test_a_main_that_fails_when_it_is_told_to_stop_is_a_failure(status: int | None, verdict: int) -> None:
    world = World(market(kind="main", restart=ONCE)).up()
    world.down()
    (report,) = reports(world.exit("feed", status, "could not save"), "exited")
    assert (report["will"], report["clean"], report["stopping"]) == ("failed", False, True)
    leave_all(world)
    assert world.ends == [verdict]
    (end,) = world.reports("ended")
    assert (end["clean"], end["processes"]) == (3, 4)
    assert end["replaced"] == ("feed" if status == 2 else "")


def test_a_service_that_fails_when_it_is_told_to_stop_fails_the_mesh() -> None:
    world = World(plan(node("one", library=False), node("two", library=False))).up()
    world.down()
    world.exit("one", -11)
    world.exit("two", -15)
    assert world.ends == [1]
    assert [each["clean"] for each in world.reports("exited")] == [False, True]


def test_a_critical_one_that_fails_when_stopped_by_hand_ends_the_mesh() -> None:
    world = World(plan(node("one", critical=True), node("two"))).up()
    world.take(commands.stop(world.mesh, ["one"], world.now))
    assert reports(world.exit("one", 1), "draining")[0]["reason"] == "one, which is critical, failed"


def test_one_that_starts_again_as_asked_has_not_failed_and_is_not_clean() -> None:
    world = World(plan(node("one", critical=True), node("two"))).up()
    world.take(commands.restart(world.mesh, ["one"], world.now))
    (report,) = reports(world.exit("one", 1), "exited")
    assert (report["will"], report["clean"]) == ("stopped", False)
    assert starts(world.wait(1)) == ["one"]
    assert not world.reports("draining")


def test_what_an_exit_says() -> None:
    world = World(plan(node("one", restart=Restart(max_attempts=2, delay=0.1)))).up()
    world.now += 2.5
    (report,) = reports(world.exit("one", 3, "Traceback", "ValueError: x"), "exited")
    assert report == {
        "process": "one",
        "generation": 1,
        "status": 3,
        "seconds": 2.5,
        "reason": ["Traceback", "ValueError: x"],
        "will": "restart",
        "clean": False,
        "stopping": False,
        "attempt": 1,
        "max_attempts": 2,
        "delay": round(pause(world["one"]), 3),
    }


def test_attempts_use_up_and_delays_grow() -> None:
    world = World(plan(node("one", restart=Restart(max_attempts=3, delay=0.1)), node("two"))).up()
    delays = []
    while world.exit("one", 1) and world["one"].state == "backoff":
        delays.append(world["one"].delay)
        assert not starts(world.wait(pause(world["one"]) - 0.001))
        assert starts(world.wait(0.002)) == ["one"]
        world.launched("one")
    assert delays == pytest.approx([0.1, 0.2, 0.4])
    assert world["one"].state == "failed"


def test_an_end_is_noted_once() -> None:
    world = World(plan(node("one"), node("two"))).up()
    assert world.exit("one", 1)
    assert world.exit("one", 1) == []


@pytest.mark.parametrize("condition", ["started", "ready", "done"])
def test_who_depends_on_another_waits_for_it(condition: Condition) -> None:
    world = World(plan(node("one", kind="job", restart=ONCE), node("two", depends_on={"one": condition})))
    begun = world.begin()
    assert starts(begun) == (["one", "two"] if condition == "started" else ["one"])
    world.launched("one")
    world.hello("one")
    assert starts(world.wired("one")) == (["two"] if condition == "ready" else [])
    assert starts(world.exit("one", 0)) == (["two"] if condition == "done" else [])


def test_one_waits_for_all_processes_of_the_other() -> None:
    world = World(plan(node("one", 2), node("two", depends_on={"one": "ready"})))
    world.begin()
    world.launched("one-0", "one-1")
    world.hello("one-0", "one-1")
    world.wired("one-0")
    assert starts(world.wired("one-1")) == ["two"]


def test_waves_have_a_gate_each() -> None:
    world = World(plan(node("one"), node("two", depends_on={"one": "ready"}))).up()
    assert [each["wave"] for each in world.reports("gate")] == [0, 1]


def test_who_depends_on_a_failed_one_fails_and_says_why() -> None:
    world = World(
        plan(
            node("one", restart=ONCE),
            node("two", 2, depends_on={"one": "ready"}),
            node("three", depends_on={"two": "started"}),
            node("other"),
        )
    )
    world.begin()
    world.launched("one", "other")
    effects = world.exit("one", 1, "no module")
    assert [(each["process"], each["reason"]) for each in reports(effects, "exited")] == [("one", ["no module"])]
    assert [(each["process"], each["reason"]) for each in reports(effects, "unstarted")] == [
        ("two-0", "one failed"),
        ("two-1", "one failed"),
        ("three", "one failed"),
    ]
    assert not world.reports("draining")


def test_others_of_its_wave_start_all_the_same() -> None:
    world = World(
        plan(
            node("bad", restart=ONCE),
            node("good"),
            node("lost", depends_on={"bad": "ready"}),
            node("kept", depends_on={"good": "ready"}),
        )
    )
    world.begin()
    world.launched("bad", "good")
    world.hello("good")
    world.exit("bad", 1)
    assert starts(world.wired("good")) == ["kept"]


def test_a_thousand_that_depend_on_a_failed_one() -> None:
    world = World(plan(node("one", restart=ONCE), node("two", 1000, depends_on={"one": "ready"})))
    world.begin()
    world.exit("one", 1)
    assert world.ends == [1]


def test_a_mesh_that_cannot_begin() -> None:
    world = World(market())
    effects = world.take(events.abort(world.mesh, "cannot listen at tcp://127.0.0.1:80", 1.0))
    assert world.ends == [1]
    (end,) = reports(effects, "ended")
    assert (end["status"], end["reason"]) == (1, "cannot listen at tcp://127.0.0.1:80")
    assert not starts(effects)
    assert not signals(effects)


def test_the_words_for_a_mesh() -> None:
    world = World(plan(node("one")))
    world.begin()
    assert world.mesh.condition == "starting"
    world.launched("one")
    world.hello("one")
    world.wired("one")
    assert world.mesh.condition == "running"
    world.down()
    assert world.mesh.condition == "draining"
    world.exit("one", 0)
    assert world.mesh.condition == "ended"


def test_a_program_that_has_ended_is_leaving_and_up_only_if_it_has_not_raised() -> None:
    world = World(plan(node("one"), node("two"))).up()
    world.say("one", say="leaving", failed=False)
    world.say("two", say="leaving", failed=True)
    assert [(each.state, each.is_up) for each in world.mesh.processes.values()] == [
        ("leaving", True),
        ("leaving", False),
    ]
    world.down()
    assert {each.state for each in world.mesh.processes.values()} == {"draining"}
    world.say("one", say="leaving", failed=False)
    assert world["one"].state == "draining"


def test_nobody_waits_in_a_gate_for_one_that_is_leaving() -> None:
    world = World(market(1)).up()
    world.say("feed", say="leaving", failed=False)
    world.exit("bot", 1)
    assert list(asked(world.again("bot"), "bot", "gate")[-1]["expect"]) == ["orders"]


def test_the_next_incarnation_of_one_that_has_raised_may_be_up_again() -> None:
    world = World(plan(node("one"))).up()
    world.say("one", say="leaving", failed=True)
    world.exit("one", 1)
    world.again("one")
    world.wired("one")
    assert world["one"].is_up


@pytest.mark.parametrize(("status", "reason"), [(0, []), (3, ["last words"])])
def test_a_clean_exit_has_no_reason(status: int, reason: list[str]) -> None:
    world = World(plan(node("one", restart=ONCE), node("two"))).up()
    assert reports(world.exit("one", status, "last words"), "exited")[0]["reason"] == reason
    assert world["one"].reason == reason
