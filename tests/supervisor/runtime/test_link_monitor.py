from __future__ import annotations

from collections import Counter

from orchestrator.supervisor.policy.effects import Report
from orchestrator.supervisor.policy.state import MeshState, fresh
from orchestrator.supervisor.runtime.link_monitor import Missing, declared, link_of, missing, tell
from tests.support.plans import market, node, plan


def mesh() -> MeshState:
    made = fresh(market(), 0.0)
    for process in made.processes.values():
        process.state = "ready"
    return made


def all_up(of: MeshState) -> Counter[tuple[str, str, str]]:
    return Counter(
        (peer.endpoint, peer.process, name)
        for name, peers in of.tables.peers.items()
        for peer in peers
        if not peer.binds
    )


def test_nothing_is_missing() -> None:
    of = mesh()
    assert list(missing(of, all_up(of), set(), 0.0)) == []


def test_what_is_not_up_is_missing_once() -> None:
    of = mesh()
    found = all_up(of)
    gone = next(key for key in found if key[2] == "bot-0" and key[1] == "feed")
    del found[gone]
    assert list(missing(of, found, set(), 0.0)) == [Missing("feed-bot", "bot-0", "feed")]


def test_who_is_not_ready_lacks_nothing() -> None:
    of = mesh()
    of.processes["feed"].state = "backoff"
    assert {each.binding for each in missing(of, Counter(), set(), 0.0)} == {"book"}


def commands() -> MeshState:
    """A server and a client that connects by itself: no gate tells when it has."""
    made = fresh(plan(node("s", library=False), node("c", library=False), edges=("s.a REP < c.a REQ",)), 0.0)
    for at, process in enumerate(made.processes.values()):
        process.state, process.ready_at = "ready", float(at)
    return made


def test_a_program_that_connects_by_itself_has_time_to_do_so() -> None:
    of, none = commands(), Counter[tuple[str, str, str]]()
    assert list(missing(of, none, set(), 3.0)) == []
    assert list(missing(of, none, set(), 60.9)) == []
    assert list(missing(of, none, set(), 61.0)) == [Missing("s-c", "c", "s", stood=False)]


def test_a_link_that_has_stood_is_missed_at_once_but_not_of_the_next_generation() -> None:
    of, none = commands(), Counter[tuple[str, str, str]]()
    [(name, peer)] = declared(of)
    stood = {link_of(of, name, peer)}
    assert list(missing(of, none, stood, 3.0)) == [Missing("s-c", "c", "s")]
    of.processes["c"].generation += 1
    assert list(missing(of, none, stood, 3.0)) == []


def test_a_library_is_sure_to_connect_to_a_command_that_listens() -> None:
    of = fresh(plan(node("s", library=False), node("c"), edges=("s.a REP < c.a REQ",)), 0.0)
    for process in of.processes.values():
        process.state = "ready"
    assert list(missing(of, Counter(), set(), 3.0)) == [Missing("s-c", "c", "s")]


def test_who_has_never_connected_is_not_to_be_started_anew() -> None:
    [never] = tell(set(), {Missing("s-c", "c", "s", stood=False)})
    assert isinstance(never, Report)
    assert never.values["text"] == "c has no connection to s (s-c), though both are ready, and never had one"


def test_changes_are_told_once() -> None:
    link = Missing("ticks", "bot-0", "feed")
    [lost] = tell(set(), {link})
    assert isinstance(lost, Report)
    assert "bot-0 has no connection to feed (ticks)" in lost.values["text"]
    assert list(tell({link}, {link})) == []
    [again] = tell({link}, set())
    assert isinstance(again, Report)
    assert again.values["text"] == "bot-0 and feed are connected (ticks)"
