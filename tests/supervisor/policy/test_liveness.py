"""Whether a process lives: numbers for time, threads as data."""

from __future__ import annotations

from orchestrator.contract.node_messages import Ping
from orchestrator.plan.model import Live
from orchestrator.supervisor.policy.effects import Ask, Report, Save, Signal
from orchestrator.supervisor.policy.liveness import EVERY, Thread, Watch, observe, probe_result, react, suspend
from orchestrator.supervisor.policy.state import MeshState, fresh
from tests.support.plans import node, plan

LIVE = Live(interval=5, timeout=30, retries=3)


def watch() -> Watch:
    return Watch(1, 0.0, switches=7)


def looked(
    known: Watch, switches: int, does: str, now: float, *, answered: bool = True, live: Live | None = LIVE
) -> str:
    return observe(known, Thread(switches, does), answered=answered, live=live, now=now)  # type: ignore[arg-type]


def test_who_has_waited_is_fine() -> None:
    assert looked(watch(), 8, "runs", 5) == "ok"


def test_who_waits_in_poll_is_left_alone() -> None:
    assert looked(watch(), 7, "polls", 5) == "ok"


def test_who_sleeps_elsewhere_is_asked_only_with_live() -> None:
    assert looked(watch(), 7, "sleeps", 5) == "ping"
    assert looked(watch(), 7, "sleeps", 5, live=None) == "ok"


def test_who_answers_is_fine_and_asked_again() -> None:
    known = watch()
    assert looked(known, 7, "runs", 5) == "ping"
    assert looked(known, 7, "runs", 10) == "ok"
    assert looked(known, 7, "runs", 15) == "ping"


def test_who_does_not_answer_is_given_up_after_all_tries() -> None:
    known = watch()
    looked(known, 7, "runs", 5)
    said = {now: looked(known, 7, "runs", now, answered=False) for now in (10, 35, 65, 90, 95)}
    assert said == {10: "unresponsive", 35: "unresponsive", 65: "unresponsive", 90: "unresponsive", 95: "dead"}


def test_who_moves_again_is_fine() -> None:
    known = watch()
    looked(known, 7, "runs", 5)
    assert looked(known, 7, "runs", 40, answered=False) == "unresponsive"
    assert looked(known, 9, "runs", 45, answered=False) == "ok"
    assert known.misses == 0


def test_without_live_nobody_is_given_up() -> None:
    known = watch()
    looked(known, 7, "runs", 5, live=None)
    assert looked(known, 7, "runs", 1e6, answered=False, live=None) == "unresponsive"


def test_a_call_of_20_seconds_is_shown_without_live() -> None:
    known, begins = watch(), 0.1  # just after a look: at the next one it has moved
    looks = [EVERY * number for number in range(1, int((begins + 20) / EVERY) + 1)]
    said = [looked(known, 8, "runs", now, answered=False, live=None) for now in looks]
    assert looks[said.index("unresponsive")] - begins < 6


def test_what_a_command_says() -> None:
    known = watch()
    said = [probe_result(known, fine=fine, live=LIVE, now=5) for fine in (False, True, False, False, False)]
    assert said == ["unresponsive", "ok", "unresponsive", "unresponsive", "dead"]


# ---- what follows


def mesh() -> MeshState:
    made = fresh(plan(node("one")), 0.0)
    made.processes["one"].state = "ready"
    return made


def test_asking() -> None:
    assert list(react(mesh(), "one", "ping", watch(), 5)) == [Ask("one", Ping())]


def test_silence_is_shown_once() -> None:
    of, known = mesh(), Watch(1, 0.0, asked=3.0)
    report, save = react(of, "one", "unresponsive", known, 5)
    assert isinstance(report, Report)
    assert save == Save("one")
    assert (of.processes["one"].state, of.processes["one"].since) == ("unresponsive", 3.0)
    assert list(react(of, "one", "unresponsive", known, 9)) == []


def test_an_answer_makes_it_ready_again() -> None:
    of = mesh()
    of.processes["one"].state = "unresponsive"
    list(react(of, "one", "ok", watch(), 5))
    assert of.processes["one"].state == "ready"
    assert list(react(of, "one", "ok", watch(), 6)) == []


def test_who_is_stuck_is_killed() -> None:
    report, signal = react(mesh(), "one", "dead", Watch(1, 0.0, asked=5.0), 95)
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
