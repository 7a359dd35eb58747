"""Whether a process lives: numbers for time, threads as data."""

from __future__ import annotations

from orchestrator.plan.model import Live
from orchestrator.supervisor.policy.effects import Ask, Report, Save, Signal
from orchestrator.supervisor.policy.liveness import EVERY, Thread, Watched, judge, look, suspend, told
from orchestrator.supervisor.policy.state import MeshState, fresh

from ..plans import node, plan

LIVE = Live(interval=5, timeout=30, retries=3)


def watched() -> Watched:
    return Watched(1, 0.0, switches=7)


def looked(
    known: Watched, switches: int, does: str, now: float, *, answered: bool = True, live: Live | None = LIVE
) -> str:
    return look(known, Thread(switches, does), answered=answered, live=live, now=now)  # type: ignore[arg-type]


def test_who_has_waited_is_fine() -> None:
    assert looked(watched(), 8, "runs", 5) == "fine"


def test_who_waits_in_poll_is_left_alone() -> None:
    assert looked(watched(), 7, "polls", 5) == "fine"


def test_who_sleeps_elsewhere_is_asked_only_with_live() -> None:
    assert looked(watched(), 7, "sleeps", 5) == "ask"
    assert looked(watched(), 7, "sleeps", 5, live=None) == "fine"


def test_who_answers_is_fine_and_asked_again() -> None:
    known = watched()
    assert looked(known, 7, "runs", 5) == "ask"
    assert looked(known, 7, "runs", 10) == "fine"
    assert looked(known, 7, "runs", 15) == "ask"


def test_who_does_not_answer_is_given_up_after_all_tries() -> None:
    known = watched()
    looked(known, 7, "runs", 5)
    said = {now: looked(known, 7, "runs", now, answered=False) for now in (10, 35, 65, 90, 95)}
    assert said == {10: "silent", 35: "silent", 65: "silent", 90: "silent", 95: "stuck"}


def test_who_moves_again_is_fine() -> None:
    known = watched()
    looked(known, 7, "runs", 5)
    assert looked(known, 7, "runs", 40, answered=False) == "silent"
    assert looked(known, 9, "runs", 45, answered=False) == "fine"
    assert known.misses == 0


def test_without_live_nobody_is_given_up() -> None:
    known = watched()
    looked(known, 7, "runs", 5, live=None)
    assert looked(known, 7, "runs", 1e6, answered=False, live=None) == "silent"


def test_a_call_of_20_seconds_is_shown_without_live() -> None:
    known, begins = watched(), 0.1  # just after a look: at the next one it has moved
    looks = [EVERY * number for number in range(1, int((begins + 20) / EVERY) + 1)]
    said = [looked(known, 8, "runs", now, answered=False, live=None) for now in looks]
    assert looks[said.index("silent")] - begins < 6


def test_what_a_command_says() -> None:
    known = watched()
    said = [told(known, fine=fine, live=LIVE, now=5) for fine in (False, True, False, False, False)]
    assert said == ["silent", "fine", "silent", "silent", "stuck"]


# ---- what follows


def mesh() -> MeshState:
    made = fresh(plan(node("one")), 0.0)
    made.processes["one"].state = "ready"
    return made


def test_asking() -> None:
    assert list(judge(mesh(), "one", "ask", watched(), 5)) == [Ask("one", {"do": "ping"})]


def test_silence_is_shown_once() -> None:
    of, known = mesh(), Watched(1, 0.0, asked=3.0)
    report, save = judge(of, "one", "silent", known, 5)
    assert isinstance(report, Report)
    assert save == Save("one")
    assert (of.processes["one"].state, of.processes["one"].since) == ("unresponsive", 3.0)
    assert list(judge(of, "one", "silent", known, 9)) == []


def test_an_answer_makes_it_ready_again() -> None:
    of = mesh()
    of.processes["one"].state = "unresponsive"
    list(judge(of, "one", "fine", watched(), 5))
    assert of.processes["one"].state == "ready"
    assert list(judge(of, "one", "fine", watched(), 6)) == []


def test_who_is_stuck_is_killed() -> None:
    report, signal = judge(mesh(), "one", "stuck", Watched(1, 0.0, asked=5.0), 95)
    assert signal == Signal("one", "KILL")
    assert isinstance(report, Report)
    assert report.values["text"] == "has not answered for 90 s: killed by SIGKILL"


def test_who_is_stopped_by_a_signal_is_suspended_in_whatever_state_it_is() -> None:
    of = mesh()
    of.processes["one"].state = "draining"
    (stopped,) = suspend(of, "one", stopped=True, now=5)
    assert of.transitions["one"].suspended == 5
    (gone_on,) = suspend(of, "one", stopped=False, now=12)
    assert of.transitions["one"].suspended == 0
    assert [each.values["text"] for each in (stopped, gone_on) if isinstance(each, Report)] == [
        "one is suspended: a signal has stopped it",
        "one goes on, after 7 s",
    ]
