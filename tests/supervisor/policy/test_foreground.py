from __future__ import annotations

from orchestrator.supervisor.policy import commands, foreground, gate_rules
from orchestrator.supervisor.policy.effects import Effect, Start, Unlisten
from tests.support.plans import World, asked, market, node, plan, signals, starts


def bench() -> World:
    """A feed whose ticks a bot reads, and a watcher that is started by hand."""
    return World(
        plan(
            node("feed"),
            node("bot"),
            node("watch", start="manual"),
            edges=("feed.ticks PUB < bot.ticks SUB", "feed.more PUB < watch.more SUB"),
        )
    )


def unlistened(effects: list[Effect]) -> list[str]:
    return [name for each in effects if isinstance(each, Unlisten) for name in each.endpoints]


def take(world: World, name: str) -> list[Effect]:
    return world.take(foreground.take(world.mesh, name, 4711, 1, world.now))


def claim(world: World, name: str) -> list[Effect]:
    return world.take(foreground.claim(world.mesh, name, world.now))


def left(world: World, name: str) -> list[Effect]:
    return world.take(foreground.left(world.mesh, name, world.now))


def test_the_mesh_is_up_without_who_is_started_by_hand() -> None:
    world = bench().up()
    assert starts(world.done) == ["feed", "bot"]
    assert world.reports("begin")[0]["processes"] == 2
    assert world.reports("begin")[0]["links"] == world.reports("gate")[0]["links"] == 1
    assert world.reports("up")[0]["processes"] == 2
    assert world["watch"].state == "stopped"
    assert unlistened(world.done) == []
    assert gate_rules.expectation(world.mesh, "feed")["ticks"].markers == ["bot.ticks.1"]
    assert "more" not in gate_rules.expectation(world.mesh, "feed")


def test_it_passes_the_gate_alone_and_is_drained_in_its_turn() -> None:
    world = bench().up()
    claim(world, "watch")
    take(world, "watch")
    world.hello("watch")
    (request,) = world.asked("watch", "gate")
    assert request["expect"]["more"]["handshakes"] == 1
    world.wired("watch")
    assert world["watch"].state == "starting"  # the feed has not confirmed its marker
    world.answer("feed", seen={"more": ["watch.more.1"]})
    assert world["watch"].state == "ready"
    world.down()
    world.exit("feed")
    assert asked(world.done, "watch", "stop")
    left(world, "watch")
    world.exit("bot")
    assert world.ends == [0]
    assert world.reports("ended")[0] | {"processes": 3, "clean": 3} == world.reports("ended")[0]


def test_no_gate_waits_for_it_and_its_marker_does_not_count() -> None:
    world = World(
        plan(
            node("feed"), node("bot"), node("watch", start="manual"),
            edges=("feed.ticks PUB < bot.ticks SUB", "feed.ticks PUB < watch.ticks SUB"),
        )
    ).up()  # fmt: skip
    claim(world, "watch")
    take(world, "watch")
    world.exit("feed", 1)
    world.again("feed")
    expected = world.asked("feed", "gate")[-1]["expect"]["ticks"]
    assert expected == {"handshakes": 1, "markers": {"*.ticks.1": "bot"}}


def test_it_is_never_late_and_never_restarted() -> None:
    world = bench().up()
    claim(world, "watch")
    take(world, "watch")
    assert signals(world.wait(3600)) == []
    new = left(world, "watch")
    assert (world["watch"].state, starts(new)) == ("stopped", [])
    assert starts(world.wait(3600)) == []
    assert unlistened(new) == []


def test_who_was_stopped_for_a_terminal_starts_again_and_keeps_its_listeners() -> None:
    world = World(market(1)).up()
    new = claim(world, "book")
    assert asked(new, "book", "stop")[0]["cut"] == ["orders"]
    new = world.exit("book")
    assert (world["book"].state, starts(new), unlistened(new)) == ("stopped", [], [])
    assert world.mesh.phase == "running"
    take(world, "book")
    new = left(world, "book") + world.wait(1)
    assert (starts(new), unlistened(new)) == (["book"], [])
    assert world["book"].restarts == 0


def test_a_failed_process_goes_back_to_what_it_was() -> None:
    world = World(market(1)).up()
    world.mesh.processes["book"].attempts = [world.now] * 5
    world.exit("book", 1, "why")
    claim(world, "book")
    take(world, "book")
    new = left(world, "book")
    assert (world["book"].state, world["book"].status, world["book"].reason) == ("failed", 1, ["why"])
    assert unlistened(new) == ["book.orders"]


def test_the_last_process_may_be_run_by_hand() -> None:
    world = World(plan(node("only"))).up()
    claim(world, "only")
    world.exit("only")
    assert world.mesh.phase == "running"
    take(world, "only")
    left(world, "only")
    assert Start("only") in world.wait(1)


def test_a_mesh_of_nothing_else_stays_until_it_is_stopped() -> None:
    world = World(plan(node("a", start="manual"), node("b", start="manual")))
    world.begin()
    assert (world.mesh.phase, len(world.reports("up"))) == ("running", 1)
    claim(world, "a")
    take(world, "a")
    left(world, "a")
    assert world.mesh.phase == "running"
    world.down()
    assert world.ends == [0]


def test_its_listeners_are_given_up_when_the_mesh_drains() -> None:
    world = World(
        plan(node("feed"), node("sink", start="manual"), edges=("sink.in PULL < feed.out PUSH",))
    ).up()  # fmt: skip
    new = world.down()
    assert "sink.in" in unlistened(new)
    assert asked(new, "feed", "stop")[0]["lost"] == {"out": [0]}
    assert [each["text"] for each in world.reports("note")] == [
        "sink does not run; what others still have for it is lost"
    ]


def test_who_depends_on_it_waits_and_is_told_for_whom() -> None:
    world = World(plan(node("hand", start="manual"), node("next", depends_on={"hand": "ready"})))
    world.begin()
    assert world.reports("up")[0]["processes"] == 0
    assert world.reports("note") == [{"text": "next waits for hand, which is started by hand"}]
    claim(world, "hand")
    take(world, "hand")
    world.hello("hand")
    world.wired("hand")
    assert starts(world.done) == ["next"]


def test_a_terminal_that_is_gone_gives_the_process_back() -> None:
    world = World(market(1)).up()
    claim(world, "book")
    world.exit("book")
    world.take(foreground.release(world.mesh, "book", world.now))
    assert starts(world.wait(1)) == ["book"]


def test_one_that_was_to_start_again_waits_for_its_terminal() -> None:
    world = World(market(1)).up()
    world.take(commands.restart(world.mesh, ["book"], world.now))
    claim(world, "book")
    assert starts(world.exit("book", 0) + world.wait(1)) == []
    take(world, "book")
    assert starts(left(world, "book") + world.wait(1)) == ["book"]


def test_one_that_was_being_stopped_stays_so_after_its_terminal() -> None:
    world = World(market(1)).up()
    world.take(commands.stop(world.mesh, ["book"], world.now))
    claim(world, "book")
    world.exit("book", 0)
    take(world, "book")
    assert starts(left(world, "book") + world.wait(60)) == []
    assert world["book"].state == "stopped"
