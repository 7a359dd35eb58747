from __future__ import annotations

import pytest

from orchestrator.contract.node_messages import Expected, Gate
from orchestrator.plan.model import Ready, Restart
from orchestrator.supervisor.policy.effects import Ask
from tests.support.plans import World, asked, market, node, plan, reports, signals, starts, told

ALL = ("feed", "bot-0", "bot-1", "book")


def test_all_of_a_wave_start_at_once() -> None:
    world = World(market())
    effects = world.begin()
    assert starts(effects) == list(ALL)
    assert reports(effects, "begin") == [
        {"mesh": "m", "processes": 4, "links": 4, "gated": 4, "files": ["topology.yaml"]}
    ]
    assert not told(effects, "gate")


def test_each_is_told_what_its_sockets_must_see() -> None:
    world = World(market())
    world.begin()
    world.launched(*ALL)
    effects = world.hello(*ALL)
    assert asked(effects, "feed", "gate")[0]["expect"] == {
        "ticks": {"handshakes": 2, "markers": {"bot-*.ticks.1": "0 1"}}
    }
    assert asked(effects, "book", "gate")[0]["expect"] == {"orders": {"handshakes": 2, "markers": {}}}
    assert asked(effects, "bot-0", "gate")[0]["expect"] == {
        "ticks": {"handshakes": 1, "markers": {}},
        "orders": {"handshakes": 1, "markers": {}},
    }


def test_no_program_runs_before_all_are_wired() -> None:
    world = World(market())
    world.begin()
    world.launched(*ALL)
    world.hello(*ALL)
    for name in ALL[:-1]:
        assert not told(world.wired(name), "go")
    world.now += 1.5
    effects = world.wired(ALL[-1])
    assert sorted(told(effects, "go")) == sorted(ALL)
    assert reports(effects, "gate") == [
        {"wave": 0, "seconds": 1.5, "processes": 4, "links": 4, "subscriptions": {"feed.ticks": 2}}
    ]
    assert reports(effects, "up") == [{"seconds": 1.5, "processes": 4}]


def test_an_answer_to_an_earlier_gate_does_not_count() -> None:
    world = World(market(1))
    world.begin()
    world.launched("feed", "bot", "book")
    world.hello("feed", "bot", "book")
    world.wired("bot", "book")
    assert not told(world.say("feed", say="sockets_ready", gate=1), "go")
    assert told(world.wired("feed"), "go")


def test_a_member_that_fails_for_good_lets_the_gate_open_without_it() -> None:
    world = World(
        plan(
            node("feed"),
            node("bot", 2, restart=Restart("never")),
            edges=("feed.ticks PUB < bot.ticks SUB",),
        )
    )
    world.begin()
    world.launched("feed", "bot-0", "bot-1")
    world.hello("feed", "bot-0")
    world.wired("bot-0", "feed")
    effects = world.exit("bot-1", 1, "ImportError: no module")
    # The publisher waited for two, so it is told that one is enough.
    assert asked(effects, "feed", "gate")[0]["expect"]["ticks"]["handshakes"] == 1
    assert not told(effects, "go")
    assert sorted(told(world.wired("feed"), "go")) == ["bot-0", "feed"]


def test_a_member_that_starts_again_is_waited_for() -> None:
    world = World(market(1))
    world.begin()
    world.launched("feed", "bot", "book")
    world.hello("feed", "book")
    world.exit("bot", 1)
    assert not told(world.wired("feed", "book"), "go")
    world.again("bot")
    assert world.asked("feed", "gate")[-1]["expect"]["ticks"]["handshakes"] == 1
    world.wired("feed", "book")
    assert sorted(told(world.wired("bot"), "go")) == ["book", "bot", "feed"]


def test_a_restarted_process_passes_alone_once_publishers_have_its_subscriptions() -> None:
    world = World(market()).up()
    world.exit("bot-0", -9)
    effects = world.again("bot-0")
    assert asked(effects, "feed", "touch") == [
        {"do": "touch", "sockets": ["ticks"], "seen": {"ticks": ["bot-0.ticks.2"]}}
    ]
    assert asked(effects, "book", "touch") == [{"do": "touch", "sockets": ["orders"], "seen": {}}]
    assert not told(world.wired("bot-0"), "go")
    assert told(world.answer("feed", seen={"ticks": ["bot-0.ticks.2"]}), "go") == ["bot-0"]
    assert world["bot-0"].state == "ready"
    assert world["bot-0"].restarts == 1


def test_the_marker_of_an_earlier_incarnation_confirms_nothing() -> None:
    world = World(market()).up()
    world.exit("bot-0", -9)
    world.again("bot-0")
    world.wired("bot-0")
    assert not told(world.answer("feed", seen={"ticks": ["bot-0.ticks.1"]}), "go")


def test_helpers_are_asked_again_until_the_process_has_passed() -> None:
    world = World(market()).up()
    world.exit("bot-0", -9)
    world.again("bot-0")
    world.wired("bot-0")
    assert 2 <= len(asked(world.wait(0.5), "feed", "touch")) <= 30
    world.answer("feed", seen={"ticks": ["bot-0.ticks.2"]})
    assert not told(world.wait(10), "touch")


def test_helpers_are_asked_at_once_when_its_subscriptions_are_on_their_way() -> None:
    world = World(market()).up()
    world.exit("bot-0", -9)
    world.again("bot-0")
    world.wait(0.5)  # the looks are far apart by now
    assert asked(world.wired("bot-0"), "feed", "touch")
    assert asked(world.wait(0.005), "feed", "touch")


def test_a_restarted_publisher_waits_for_the_markers_of_running_subscribers() -> None:
    world = World(market()).up()
    world.exit("feed", 1)
    effects = world.again("feed")
    assert asked(effects, "feed", "gate")[0]["expect"]["ticks"] == {
        "handshakes": 2,
        "markers": {"bot-*.ticks.1": "0 1"},
    }
    assert {"bot-0", "bot-1"} <= set(told(effects, "touch"))
    assert told(world.wired("feed"), "go") == ["feed"]


def test_a_restarted_publisher_waits_for_no_marker_of_the_dead() -> None:
    world = World(market()).up()
    for name in ("bot-0", "feed"):
        world.exit(name, 1)
    world.again("bot-0")
    effects = world.again("feed")
    assert asked(effects, "feed", "gate")[0]["expect"]["ticks"]["markers"] == {
        "bot-*.ticks.2": "0",
        "bot-*.ticks.1": "1",
    }


def test_a_wave_that_comes_later_gets_help_from_those_that_run() -> None:
    world = World(
        plan(
            node("feed"),
            node("bot", depends_on={"feed": "ready"}),
            edges=("feed.ticks PUB < bot.ticks SUB",),
        )
    )
    world.begin()
    world.launched("feed")
    world.hello("feed")
    assert starts(world.wired("feed")) == ["bot"]
    world.launched("bot")
    effects = world.hello("bot")
    assert asked(effects, "feed", "touch") == [
        {"do": "touch", "sockets": ["ticks"], "seen": {"ticks": ["bot.ticks.1"]}}
    ]
    assert not told(world.wired("bot"), "go")
    assert told(world.answer("feed", seen={"ticks": ["bot.ticks.1"]}), "go") == ["bot"]


def test_survivors_forget_a_dead_peer_before_its_successor_starts() -> None:
    world = World(plan(node("one"), node("two"), edges=("one.talk PAIR < two.talk PAIR",))).up()
    effects = world.exit("two", 1)
    assert asked(effects, "one", "touch") == [{"do": "touch", "sockets": ["talk"], "seen": {}}]


@pytest.mark.parametrize(
    "options",
    [{"bot.ticks": {}}, {"bot.ticks": {"subscribe": []}}, {"bot.ticks": {"subscribe": ["A"], "conflate": True}}],
    ids=["nothing written", "nothing subscribed", "conflate"],
)
def test_no_marker_is_awaited_where_none_comes(options: dict[str, dict[str, object]]) -> None:
    world = World(
        plan(node("feed"), node("bot"), edges=("feed.ticks PUB < bot.ticks SUB",), options=options),
    )
    world.begin()
    world.launched("feed")
    assert world.hello("feed") == [
        Ask("feed", Gate(world.mesh.transitions["feed"].gate, {"ticks": Expected(handshakes=1)})),
    ]


def test_what_blocks_the_gate_is_named() -> None:
    world = World(market(1))
    world.begin()
    world.launched("feed", "bot", "book")
    world.hello("feed", "book")
    world.wired("book")
    world.answer("feed", waiting={"ticks": "handshakes 0/1"})
    (blocked,) = reports(world.wait(3.1), "blocked")
    assert blocked["waiting"] == [
        {"process": "feed", "for": "ticks handshakes 0/1 (bot)"},
        {"process": "bot", "for": "its program to load"},
    ]


def test_nothing_is_reported_once_all_is_up() -> None:
    world = World(market()).up()
    assert not reports(world.wait(100), "blocked")


@pytest.mark.parametrize("heard", [True, False])
def test_a_program_that_does_not_load_in_time_is_killed_and_its_peers_are_not(heard: bool) -> None:
    world = World(
        plan(
            node("feed", ready=Ready(within=5.0)),
            node("bot", ready=Ready(within=5.0)),
            edges=("feed.ticks PUB < bot.ticks SUB",),
        )
    )
    world.begin()
    world.launched("feed", "bot")
    world.hello("feed")
    if heard:
        # It listens before it imports its program, which takes too long.
        world.hello("bot", phase="starting")
    assert not signals(world.wait(4.9))
    assert signals(world.wait(0.2)) == [("bot", "KILL")]
    assert world.reports("note") == [{"text": "bot is not ready within 5 s: killed"}]


def test_what_says_that_it_is_ready() -> None:
    world = World(plan(node("server", ready=Ready("notify"))))
    world.begin()
    world.launched("server")
    world.hello("server")
    assert not reports(world.wired("server"), "ready")
    assert world["server"].state == "connected"
    assert reports(world.ready("server"), "ready") == [{"process": "server"}]
    assert not world.ready("server"), "said twice"


def test_a_command_is_ready_when_it_listens_and_nobody_waits_for_it() -> None:
    world = World(
        plan(node("server", library=False), node("client"), edges=("server.requests REP < client.requests REQ",))
    )
    world.begin()
    world.launched("server", "client")
    assert asked(world.hello("client"), "client", "gate")[0]["expect"] == {}
    assert told(world.wired("client"), "go") == ["client"]
    assert world["server"].state == "starting"
    assert reports(world.ready("server"), "up")


def test_a_thousand_pass_one_gate() -> None:
    world = World(plan(node("feed"), node("bot", 1000), edges=("feed.ticks PUB < bot.ticks SUB",))).up()
    assert len(told(world.done, "go")) == 1001
    assert len(world.reports("up")) == 1


def test_a_job_that_ends_before_it_was_ready_does_not_hold_the_mesh_up() -> None:
    world = World(plan(node("setup", kind="job", library=False, restart=Restart("never")), node("feed")))
    world.begin()
    world.launched("setup", "feed")
    world.hello("feed")
    world.wired("feed")
    assert not world.mesh.up
    assert reports(world.exit("setup", 0), "up")
