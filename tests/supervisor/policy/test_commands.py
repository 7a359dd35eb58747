"""``stop``, ``start`` and ``restart`` of single processes, played through with numbers for time."""

from __future__ import annotations

from orchestrator.supervisor.policy import commands, events, foreground, gate_rules, outcome
from orchestrator.supervisor.policy.effects import Effect, Unlisten
from orchestrator.supervisor.policy.state import fresh, restore
from tests.support.plans import World, asked, market, node, plan, signals, starts, told


def stop(world: World, *names: str) -> list[Effect]:
    return world.take(commands.stop(world.mesh, names, world.now))


def start(world: World, *names: str) -> list[Effect]:
    return world.take(commands.start(world.mesh, names, world.now))


def restart(world: World, *names: str) -> list[Effect]:
    return world.take(commands.restart(world.mesh, names, world.now))


def unlistened(effects: list[Effect]) -> list[str]:
    return [name for each in effects if isinstance(each, Unlisten) for name in each.endpoints]


def comes_up(world: World, *names: str) -> None:
    """Let processes that have been started come as far as ready."""
    world.launched(*names)
    world.hello(*names)
    world.wired(*names)


def pipe() -> World:
    """Three nodes, each of which feeds the next."""
    return World(
        plan(node("a"), node("b"), node("c"), edges=("b.in PULL < a.out PUSH", "c.in PULL < b.out PUSH"))
    ).up()  # fmt: skip


def test_who_is_stopped_stays_so_and_keeps_its_listeners() -> None:
    world = World(market(1)).up()
    new = stop(world, "book")
    assert told(new, "stop") == ["book"]
    new = world.exit("book") + world.wait(3600)
    assert (world["book"].state, starts(new), unlistened(new)) == ("stopped", [], [])
    assert world.mesh.phase == "running"
    assert world.mesh.condition == "running"


def test_a_stopped_process_is_started_and_its_peers_expect_it_again() -> None:
    world = World(market(1)).up()
    stop(world, "book")
    world.exit("book")
    world.exit("bot", 1)
    world.again("bot")
    assert "orders" not in gate_rules.expectation(world.mesh, "bot")
    new = start(world, "book")
    assert starts(new) == ["book"]
    assert gate_rules.expectation(world.mesh, "bot")["orders"].handshakes == 1
    comes_up(world, "book")
    world.answer("feed", seen={"ticks": ["bot.ticks.2"]})
    world.wired("bot")
    assert [world[name].state for name in ("book", "bot")] == ["ready", "ready"]
    assert (world["book"].generation, world["book"].restarts) == (2, 0)


def test_peers_are_told_as_for_a_restart() -> None:
    world = World(plan(node("one"), node("two"), edges=("one.pair PAIR < two.pair PAIR",))).up()
    restart(world, "two")
    new = world.exit("two")
    assert asked(new, "one", "touch") == [{"do": "touch", "sockets": ["pair"], "seen": {}}]
    assert starts(new) == []
    assert starts(world.wait(0.1)) == ["two"]


def test_of_several_the_sources_stop_first_and_what_they_sent_is_read() -> None:
    world = pipe()
    assert told(stop(world, "c", "b", "a"), "stop") == ["a"]
    new = world.exit("a")
    assert told(new, "stop") == ["b"]
    assert asked(new, "b", "stop")[0]["dry"] == ["in"]
    assert told(world.exit("b"), "stop") == ["c"]
    world.exit("c")
    assert [world[name].state for name in "abc"] == ["stopped"] * 3
    assert world.mesh.phase == "running"


def test_sources_are_followed_over_those_that_go_on() -> None:
    world = pipe()
    assert told(stop(world, "a", "c"), "stop") == ["a"]
    new = world.exit("a")
    assert asked(new, "c", "stop")[0]["cut"] == ["in"]  # b goes on and may feed it


def test_of_several_that_restart_none_comes_back_before_those_behind_it_have_gone() -> None:
    world = pipe()
    assert told(restart(world, "a", "b", "c"), "stop") == ["a"]
    assert told(world.exit("a"), "stop") == ["b"]
    assert starts(world.wait(1)) == []
    assert starts(world.exit("b") + world.wait(1)) == []
    assert sorted(starts(world.exit("c") + world.wait(1))) == ["a", "b", "c"]


def test_who_has_nothing_to_do_with_each_other_does_not_wait() -> None:
    world = World(plan(node("one"), node("other"))).up()
    assert told(restart(world, "one", "other"), "stop") == ["one", "other"]
    assert starts(world.exit("one") + world.wait(1)) == ["one"]


def test_one_that_waits_for_its_restart_is_stopped() -> None:
    world = World(market(1)).up()
    world.exit("book", 1)
    assert world["book"].state == "backoff"
    stop(world, "book")
    assert starts(world.wait(60)) == []
    assert world["book"].state == "stopped"


def test_one_that_failed_for_good_starts_with_all_its_attempts() -> None:
    world = World(market(1)).up()
    world["book"].attempts = [world.now] * 5
    world.exit("book", 1)
    assert world["book"].state == "failed"
    assert starts(start(world, "book")) == ["book"]
    comes_up(world, "book")
    world.exit("book", 1)
    assert world.reports("exited")[-1]["will"] == "restart"
    assert world.reports("exited")[-1]["attempt"] == 1


def test_what_has_ended_by_itself_is_no_stop_of_mine() -> None:
    world = World(plan(node("job", kind="job"), node("other"))).up()
    world.exit("job")
    stop(world, "job")
    assert (world["job"].state, world["job"].requested) == ("done", "")
    assert starts(restart(world, "job")) == ["job"]


def test_start_of_what_runs_does_nothing_and_of_what_stops_starts_it_anew() -> None:
    world = World(market(1)).up()
    assert start(world, "book")[1:] == []
    stop(world, "book")
    start(world, "book")
    assert starts(world.exit("book") + world.wait(1)) == ["book"]


def test_stop_takes_a_restart_back() -> None:
    world = World(market(1)).up()
    restart(world, "book")
    stop(world, "book")
    assert starts(world.exit("book") + world.wait(60)) == []


def test_who_dies_before_it_is_told_stays_stopped() -> None:
    world = pipe()
    stop(world, "a", "c")
    new = world.exit("c", 1, "oops")
    assert (world["c"].state, starts(new + world.wait(60))) == ("stopped", [])
    assert outcome.exit_status(world.mesh) == 0


def test_a_critical_one_and_a_main_one_can_be_stopped() -> None:
    world = World(plan(node("main", kind="main"), node("vital", critical=True), node("other"))).up()
    stop(world, "main", "vital")
    world.exit("main")
    world.exit("vital")
    assert world.mesh.phase == "running"
    world.down()
    world.exit("other")
    assert world.ends == [0]
    assert world.reports("ended")[0]["clean"] == 3


def test_all_can_be_stopped_and_the_mesh_stays() -> None:
    world = World(plan(node("only"))).up()
    stop(world, "only")
    world.exit("only")
    assert world.mesh.phase == "running"
    assert world.ends == []
    world.down()
    assert world.ends == [0]


def test_what_is_sent_to_a_stopped_one_is_said_to_be_lost_when_the_mesh_drains() -> None:
    world = World(market(1)).up()
    stop(world, "book")
    world.exit("book")
    new = world.down()
    assert unlistened(new) == ["book.orders"]
    assert [each["text"] for each in world.reports("note")] == [
        "book does not run; what others still have for it is lost"
    ]


def test_what_a_stopping_one_has_for_one_that_was_stopped_is_said_to_be_lost() -> None:
    world = pipe()
    stop(world, "b")
    world.exit("b")
    assert world.reports("note") == []
    new = stop(world, "a")
    assert asked(new, "a", "stop")[0]["lost"] == {"out": [0]}
    assert [each["text"] for each in world.reports("note")] == [
        "a: what it still has for b is lost, since that does not run"
    ]


DURABLE = {"kind": "durable"}


def test_what_waits_on_a_durable_edge_is_never_said_to_be_lost() -> None:
    deliveries = {"a.out": DURABLE, "b.in": DURABLE}
    of = plan(node("a"), node("b"), edges=("b.in PULL < a.out PUSH",), deliveries=deliveries)
    world = World(of).up()
    stop(world, "b")
    world.exit("b")
    world.down()
    world.exit("a")
    assert notes(world) == ["b does not run; what others still have for it stays in their journals"]
    world = World(of).up()
    stop(world, "b")
    world.exit("b")
    stop(world, "a")
    assert notes(world) == ["a: what it still has for b stays in its journal, since that does not run"]


def test_of_a_durable_and_a_plain_edge_both_are_told() -> None:
    edges = ("b.in PULL < a.out PUSH", "c.in PULL < a.plain PUSH")
    of = plan(node("a"), node("b"), node("c"), edges=edges, deliveries={"a.out": DURABLE, "b.in": DURABLE})
    world = World(of).up()
    stop(world, "b", "c")
    world.exit("b")
    world.exit("c")
    stop(world, "a")
    assert notes(world) == [
        "a: what it still has for c is lost, since that does not run",
        "a: what it still has for b stays in its journal, since that does not run",
    ]


def notes(world: World) -> list[str]:
    return [each["text"] for each in world.reports("note")]


def test_the_mesh_comes_up_without_who_was_stopped_meanwhile() -> None:
    world = World(market(1))
    world.begin()
    world.launched("feed", "bot", "book")
    stop(world, "book")
    assert signals(world.done) == [("book", "TERM")]
    world.exit("book")
    world.hello("feed", "bot")
    world.wired("feed", "bot")
    assert world["bot"].state == "ready"
    assert len(world.reports("up")) == 1


def test_who_depends_on_a_stopped_one_is_told_so() -> None:
    world = World(plan(node("first"), node("next", depends_on={"first": "ready"})))
    world.begin()
    stop(world, "first")
    world.launched("first")
    world.exit("first")
    assert world.reports("note") == [{"text": "next waits for first, which was stopped"}]
    start(world, "first")
    comes_up(world, "first")
    assert world["next"].state == "starting"


def test_stop_ends_one_in_a_terminal_for_good() -> None:
    world = World(market(1)).up()
    world.take(foreground.claim(world.mesh, "book", world.now))
    world.exit("book")
    world.take(foreground.take(world.mesh, "book", 4711, 1, world.now))
    world.hello("book")
    world.wired("book")
    assert told(stop(world, "book"), "stop") == ["book"]
    new = world.take(foreground.left(world.mesh, "book", world.now)) + world.wait(60)
    assert (world["book"].state, starts(new), unlistened(new)) == ("stopped", [], [])


def test_a_terminal_gives_a_stopped_one_back_as_it_was() -> None:
    world = World(market(1)).up()
    stop(world, "book")
    world.exit("book")
    world.take(foreground.claim(world.mesh, "book", world.now))
    world.take(foreground.take(world.mesh, "book", 4711, 1, world.now))
    world.wait(60)
    assert world["book"].state == "starting"
    new = world.take(foreground.left(world.mesh, "book", world.now)) + world.wait(60)
    assert (world["book"].state, starts(new), unlistened(new)) == ("stopped", [], [])
    assert starts(start(world, "book")) == ["book"]


def test_a_successor_goes_on_with_what_was_asked() -> None:
    world = pipe()
    stop(world, "a", "c")
    restart(world, "b")
    records = {name: process.record() for name, process in world.mesh.processes.items()}
    world.mesh = fresh(world.mesh.plan, world.now)
    restore(world.mesh, records)
    new = world.take(events.take_over(world.mesh, world.now))
    assert told(new, "stop") == ["a"]
    assert told(world.exit("a"), "stop") == ["b"]
    assert told(world.exit("b"), "stop") == ["c"]
    assert starts(world.exit("c") + world.wait(1)) == ["b"]
    assert [world[name].state for name in "abc"] == ["stopped", "starting", "stopped"]


def test_a_successor_kills_who_does_not_stop_in_time() -> None:
    world = World(plan(node("only"), node("other"))).up()
    stop(world, "only")
    records = {name: process.record() for name, process in world.mesh.processes.items()}
    world.mesh = fresh(world.mesh.plan, world.now)
    restore(world.mesh, records)
    world.take(events.take_over(world.mesh, world.now))
    assert signals(world.wait(11.5)) == [("only", "TERM"), ("only", "KILL")]
