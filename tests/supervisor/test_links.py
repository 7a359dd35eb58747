from __future__ import annotations

from collections import Counter

from orchestrator.supervisor.effects import Report
from orchestrator.supervisor.links import Missing, missing, tell
from orchestrator.supervisor.state import Mesh, fresh

from .plans import market


def mesh() -> Mesh:
    made = fresh(market(), 0.0)
    for process in made.processes.values():
        process.state = "ready"
    return made


def all_up(of: Mesh) -> Counter[tuple[str, str, str]]:
    return Counter(
        (peer.endpoint, peer.process, name) for name, peers in of.peers.items() for peer in peers if not peer.binds
    )


def test_nothing_is_missing() -> None:
    of = mesh()
    assert list(missing(of, all_up(of))) == []


def test_what_is_not_up_is_missing_once() -> None:
    of = mesh()
    found = all_up(of)
    gone = next(key for key in found if key[2] == "bot-0" and key[1] == "feed")
    del found[gone]
    assert list(missing(of, found)) == [Missing("feed-bot", "bot-0", "feed")]


def test_who_is_not_ready_lacks_nothing() -> None:
    of = mesh()
    of.processes["feed"].state = "backoff"
    assert {each.binding for each in missing(of, Counter())} == {"book"}


def test_changes_are_told_once() -> None:
    link = Missing("ticks", "bot-0", "feed")
    [lost] = tell(set(), {link})
    assert isinstance(lost, Report)
    assert "bot-0 has no connection to feed (ticks)" in lost.values["text"]
    assert list(tell({link}, {link})) == []
    [again] = tell({link}, set())
    assert isinstance(again, Report)
    assert again.values["text"] == "bot-0 and feed are connected (ticks)"
