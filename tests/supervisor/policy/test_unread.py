from __future__ import annotations

from typing import Any

import pytest

from orchestrator.supervisor.policy import unread
from tests.support.plans import World, node, plan

SENT = {"socket": "out", "way": "sent", "then": "lost", "messages": None, "bytes": 2048, "connect": None, "pid": 0}
READ = {"socket": "in", "way": "received", "then": "lost", "messages": 9, "bytes": 90, "connect": None, "pid": 0}


def pipe(**changed: Any) -> World:
    return World(plan(node("src", **changed), node("sink", **changed), edges=("sink.in PULL < src.out PUSH",))).up()


def left(world: World, name: str, *found: dict[str, Any]) -> None:
    world.say(name, say="left", unread=list(found))


def test_who_has_said_that_nothing_is_left_lets_that_be_said() -> None:
    world = pipe()
    world.down()
    for name in ("src", "sink"):
        left(world, name)
        world.exit(name, 0)
    (end,) = world.reports("ended")
    assert (end["status"], end["drained"]) == (0, True)
    assert end["in_flight"] == {"lost": [], "messages": 0, "bytes": 0, "kept": 0, "keepers": [], "unknown": {}}
    assert world.reports("unread") == []


def test_what_the_reader_has_not_read_is_told_with_its_name() -> None:
    world = pipe()
    world.down()
    left(world, "src", SENT | {"connect": 0})
    (report,) = world.reports("unread")
    assert report["process"] == "src"
    [found] = report["unread"]
    assert (found["edge"], found["peer"], found["bytes"], found["then"]) == ("sink-src", "sink.in", 2048, "lost")


def test_whoever_has_connected_is_known_by_its_pid() -> None:
    world = World(plan(node("src"), node("sink", 2), edges=("src.out PUSH < sink.in PULL",))).up()
    left(world, "src", SENT | {"pid": world["sink-1"].pid})
    [found] = world.reports("unread")[0]["unread"]
    assert (found["edge"], found["peer"]) == ("src-sink", "sink-1.in")


def test_what_is_lost_fails_the_mesh_and_adds_up() -> None:
    world = pipe()
    world.down()
    left(world, "src", SENT | {"connect": 0})
    world.exit("src", 0)
    left(world, "sink", READ)
    world.exit("sink", 0)
    (end,) = world.reports("ended")
    assert (end["status"], end["state"], end["drained"], end["clean"]) == (1, "failed", False, 2)
    found = end["in_flight"]
    assert (found["lost"], found["messages"], found["bytes"]) == (["src", "sink"], 9, 2048)


def test_what_is_dropped_or_kept_fails_nobody() -> None:
    world = pipe()
    left(world, "sink", READ | {"then": "dropped"})
    world.down()
    left(world, "src", SENT | {"then": "kept", "messages": 3, "bytes": 0})
    world.exit("src", 0)
    world.exit("sink", 0)
    (end,) = world.reports("ended")
    assert (end["status"], end["in_flight"]["kept"], end["in_flight"]["keepers"]) == (0, 3, ["src"])
    assert end["in_flight"]["unknown"] == {"dropped": ["sink"]}


@pytest.mark.parametrize(("status", "why"), [(-15, "signal"), (0, "signal")])
def test_of_commands_that_end_by_a_signal_nobody_knows(status: int, why: str) -> None:
    world = pipe(library=False)
    world.down()
    world.exit("src", status)
    world.exit("sink", status)
    (end,) = world.reports("ended")
    assert (end["status"], end["in_flight"]["unknown"]) == (0, {why: ["src", "sink"]})


def test_of_a_command_that_ends_by_itself_nobody_knows() -> None:
    world = World(
        plan(
            node("src", library=False, kind="job"),
            node("sink", library=False, kind="job"),
            edges=("sink.in PULL < src.out PUSH",),
        )
    ).up()
    world.exit("src", 0)
    world.exit("sink", 0)
    assert world.reports("ended")[0]["in_flight"]["unknown"] == {"command": ["src", "sink"]}


def test_who_has_no_sockets_holds_nothing() -> None:
    world = World(plan(node("one", library=False))).up()
    world.down()
    world.exit("one", -15)
    assert world.reports("ended")[0]["in_flight"]["unknown"] == {}


def test_of_one_whose_last_words_were_not_heard_nobody_knows() -> None:
    world = pipe()
    world.down()
    world.exit("src", 0)
    left(world, "sink")
    world.exit("sink", 0)
    assert world.reports("ended")[0]["in_flight"]["unknown"] == {"unseen": ["src"]}


def test_the_next_incarnation_begins_with_nothing() -> None:
    world = pipe()
    left(world, "src", SENT)
    world.exit("src", 1)
    world.again("src")
    assert unread.of(world.mesh, "src") == []
    assert unread.loses(world.mesh) == []


def test_an_end_that_nobody_saw_is_clean_where_the_process_had_said_that_all_is_well() -> None:
    world = pipe()
    world.down()
    left(world, "src")
    world.exit("src", None)
    world.exit("sink", None)
    assert [each["clean"] for each in world.reports("exited")] == [True, False]
    assert world.ends == [1]
