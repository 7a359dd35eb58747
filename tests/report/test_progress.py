from __future__ import annotations

from typing import Any, cast

import pytest

from orchestrator.control.messages import Event
from orchestrator.control.records import Record
from orchestrator.report.log import Prefixes
from orchestrator.report.progress import Story

NAMES = ["feed", *(f"bot-{number}" for number in range(24)), "book"]


def event(kind: str, time: float = 0.0, **values: Any) -> Event:
    return cast(Event, {"time": time, "event": kind, **values})


def exited(process: str, **values: Any) -> Event:
    usual = {"generation": 1, "status": 1, "seconds": 12.4, "reason": [], "will": "restart"}
    usual |= {"process": process, "attempt": 1, "max_attempts": 5, "delay": 0.1, "clean": False, "stopping": False}
    return event("exited", **(usual | values))


def begin() -> Event:
    return event("begin", 10.0, mesh="market", processes=26, links=48, files=["topology.yaml"], run="")


def gate(processes: int = 26, links: int = 48, **subscriptions: int) -> Event:
    seen = {name.replace("_", "."): number for name, number in subscriptions.items()}
    return event("gate", 10.31, wave=0, seconds=0.31, processes=processes, links=links, subscriptions=seen)


def ended(**values: Any) -> Event:
    usual = {
        "status": 0,
        "state": "stopped",
        "clean": 26,
        "restarts": 1,
        "killed": [],
        "seconds": 0.22,
        "processes": 26,
        "drained": True,
        "in_flight": {"lost": [], "messages": 0, "bytes": 0, "kept": 0, "keepers": [], "unknown": {}},
        "replaced": "",
    }
    return event("ended", **(usual | values))


@pytest.fixture
def story() -> Story:
    return Story("market", Prefixes(NAMES))


def tell(story: Story, *events: Event) -> list[str]:
    return [line for each in events for line in story.tell(each)]


def test_a_run_from_the_beginning_to_the_end(story: Story) -> None:
    started = [event("started", 10.19, process=name, pid=1, generation=1) for name in NAMES]
    ready = [event("ready", 10.4, process=name) for name in NAMES]
    told = tell(story, begin(), *started, gate(feed_ticks=24), *ready, event("up", 10.5, seconds=0.5, processes=26))
    told += tell(story, exited("bot-9", reason=["Traceback", "KeyError: 'NVDA'"]))
    told += story.stop([["feed"], ["bot"], ["book"]], again=True)
    told += tell(story, event("draining", order=[["feed"], ["bot"], ["book"]], reason="as asked"), ended())
    assert told == [
        "market: 26 processes, 48 links, from topology.yaml",
        "  started    26/26  0.19 s",
        "  connected  48/48",
        "  gate open         0.31 s, 24 subscriptions at feed.ticks",
        "bot-9  ! exited with status 1 after 12.4 s: KeyError: 'NVDA'",
        "bot-9  !   Traceback",
        "bot-9  !   KeyError: 'NVDA'",
        "bot-9  ! restart 1 of 5 in 100 ms; more: orchestrator logs bot-9",
        "stopping (again to kill): feed, then bot, then book",
        "  drained    26/26  0.22 s, nothing left in flight",
        "market: stopped, 26 clean exits, 1 restart",
    ]


def test_how_far_the_run_is(story: Story) -> None:
    assert (story.begun, story.up, story.ended) == (False, False, None)
    tell(story, begin())
    assert story.begun
    tell(story, gate(), event("up", seconds=1, processes=26))
    assert story.up
    tell(story, ended(status=3))
    assert story.ended is not None
    assert story.ended["status"] == 3


def test_waves_add_up(story: Story) -> None:
    tell(story, begin())
    first = [event("started", 10.1, process=name, pid=1, generation=1) for name in NAMES[:2]]
    told = tell(story, *first, gate(processes=2, links=1))
    assert told == ["  started    2/26   0.10 s", "  connected  1/48", "  gate open         0.31 s"]
    rest = [event("started", 10.2, process=name, pid=1, generation=1) for name in NAMES[2:]]
    assert tell(story, *rest, gate(processes=24, links=47))[:2] == ["  started    26/26  0.20 s", "  connected  48/48"]


def test_what_is_under_way_shows_until_it_is_told(story: Story) -> None:
    assert story.pending == ""
    tell(story, begin(), event("started", process="feed", pid=1, generation=1))
    assert story.pending == "  started    1/26"
    tell(story, gate())
    assert story.pending == ""


@pytest.mark.parametrize(
    ("values", "first", "last"),
    [
        ({"status": -9}, "killed by SIGKILL after 12.4 s", "restart 1 of 5 in 100 ms; more: orchestrator logs bot-1"),
        ({"status": None}, "ended, nobody saw how after", "restart 1 of 5"),
        ({"status": 0, "max_attempts": None, "delay": 3.2}, "exited with status 0", "restart 1 in 3.2 s;"),
        ({"will": "failed"}, "exited with status 1", "failed for good; more: orchestrator logs bot-1"),
        ({"status": -77}, "killed by signal 77", "restart"),
    ],
)
def test_ways_to_end(story: Story, values: dict[str, Any], first: str, last: str) -> None:
    told = tell(story, exited("bot-1", **values))
    assert told[0].startswith(f"bot-1  ! {first}")
    assert told[-1].startswith(f"bot-1  ! {last}")


@pytest.mark.parametrize("will", ["done", "stopped"])
def test_an_end_that_was_wanted_is_not_told(story: Story, will: str) -> None:
    assert tell(story, exited("bot-1", will=will, status=0, clean=True)) == []


def test_who_fails_when_it_is_told_to_stop_is_named(story: Story) -> None:
    told = tell(story, exited("bot-1", will="failed", stopping=True, reason=["Traceback", "OSError: disk full"]))
    assert told[0] == "bot-1  ! exited with status 1 after 12.4 s, when told to stop: OSError: disk full"
    assert told[-1] == "bot-1  ! more: orchestrator logs bot-1"
    assert not story.failed


def test_one_that_is_started_again_as_asked_is_named_too(story: Story) -> None:
    [told, _] = tell(story, exited("bot-1", will="stopped", stopping=True, status=-11))
    assert told == "bot-1  ! killed by SIGSEGV after 12.4 s, when told to stop"


def test_a_main_that_ends_with_2_is_told_as_1(story: Story) -> None:
    told = tell(story, ended(status=1, state="failed", replaced="tests"))
    assert told[-1].endswith("; tests exited with 2, told as 1: 2 would say that nothing was done")


def test_an_error_at_import_shows_the_end_of_its_traceback(story: Story) -> None:
    reason = [f"line {number}" for number in range(20)] + ["", "ModuleNotFoundError: No module named 'nunpy'"]
    told = tell(story, exited("bot-1", reason=reason, will="failed"))
    assert told[0].endswith(": ModuleNotFoundError: No module named 'nunpy'")
    assert told[1] == "bot-1  !   line 13"
    assert told[8] == "bot-1  !   ModuleNotFoundError: No module named 'nunpy'"
    assert len(told) == 10


def test_no_traceback_twice_beside_the_log() -> None:
    story = Story("market", Prefixes(NAMES), quote=False)
    assert len(tell(story, exited("bot-1", reason=["a", "b"], will="failed"))) == 2


def test_what_a_program_wrote_is_not_obeyed(story: Story) -> None:
    assert r"\x1b]0;title\x07" in tell(story, exited("bot-1", reason=["\x1b]0;title\x07"]))[0]


def test_what_blocks_the_gate_is_named_once(story: Story) -> None:
    waiting = [{"process": f"bot-{number}", "for": "a handshake with feed.ticks"} for number in range(7)]
    told = tell(story, event("blocked", waiting=waiting))
    assert told[0] == "  waiting    bot-0: a handshake with feed.ticks"
    assert told[5:] == ["             and 2 more"]
    assert tell(story, event("blocked", waiting=waiting)) == []
    assert story.blocker.startswith("bot-0 (a handshake with feed.ticks), bot-1")
    assert tell(story, event("blocked", waiting=waiting[:1])) != []


def test_a_drain_of_its_own_accord_says_why(story: Story) -> None:
    told = tell(story, event("draining", order=[["bot"], ["book"]], reason="feed is done"))
    assert told == ["stopping, feed is done: bot, then book"]
    assert story.stop([["bot"]]) == []


def test_who_was_killed_is_named(story: Story) -> None:
    tell(story, begin())
    story.stop([["feed"]])
    told = tell(story, ended(killed=["bot-3"], clean=25, seconds=10.0, restarts=0, state="failed", status=1))
    assert told == [
        "  drained    25/26  10.00 s, killed: bot-3",
        "market: failed, 25 clean exits, 0 restarts",
    ]


def test_killed_and_notes(story: Story) -> None:
    told = tell(story, event("killed", process="book", signal="KILL", text="did not stop within 10 s: SIGKILL"))
    assert told == ["book   ! did not stop within 10 s: SIGKILL"]
    assert tell(story, event("note", text="the keeper was started anew")) == ["market: the keeper was started anew"]


def test_log_lines() -> None:
    prefixes = Prefixes(["feed", "bot-10"])
    record = Record(0.5, "feed", "o", "first \x1b[31mtick")
    assert prefixes.record(record) == r"feed   | first \x1b[31mtick"
    assert prefixes.record(record, times=True) == r"feed   | 1970-01-01T00:00:00.500000Z first \x1b[31mtick"
    assert Prefixes([], prefix=False).record(record) == r"first \x1b[31mtick"


def test_processes_have_colors_of_their_own() -> None:
    prefixes = Prefixes(["a", "b"], color=True)
    lines = [prefixes.record(Record(0, name, "o", "x")) for name in ("a", "b")]
    assert lines[0].startswith("\x1b[36ma |\x1b[0m x")
    assert lines[0][:5] != lines[1][:5]
