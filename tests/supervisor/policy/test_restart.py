from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.contract.launch import ABSENT, EX_CONFIG
from orchestrator.plan.model import Restart, Stop
from orchestrator.supervisor.policy.restart import JITTER, decide, pause
from orchestrator.supervisor.policy.state import ProcessState
from tests.support.plans import World, node, plan, signals


def process(**changed: object) -> ProcessState:
    return ProcessState("p", state="ready", **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "policy", "status", "will"),
    [
        ("service", "always", 0, "restart"),
        ("service", "always", 1, "restart"),
        ("service", "on-failure", 0, "done"),
        ("service", "on-failure", 1, "restart"),
        ("service", "on-failure", -9, "restart"),
        ("service", "always", EX_CONFIG, "failed"),
        ("service", "on-failure", EX_CONFIG, "failed"),
        ("service", "never", 0, "done"),
        ("service", "never", 1, "failed"),
        ("job", "never", 0, "done"),
        ("job", "never", 3, "failed"),
        ("job", "on-failure", 3, "restart"),
        ("job", "always", 0, "done"),
        ("main", "never", 0, "done"),
        ("main", "never", -15, "failed"),
        ("main", "on-failure", 1, "restart"),
        ("main", "always", 0, "done"),
    ],
)
def test_the_policy(kind: str, policy: str, status: int, will: str) -> None:
    of = node("p", kind=kind, restart=Restart(policy=policy))  # type: ignore[arg-type]
    assert decide(of, process(), status, 10.0).will == will


@pytest.mark.parametrize(("policy", "will"), [("always", "restart"), ("on-failure", "restart"), ("never", "failed")])
def test_an_end_that_nobody_saw_is_a_failure(policy: str, will: str) -> None:
    of = node("p", restart=Restart(policy=policy))  # type: ignore[arg-type]
    assert decide(of, process(), None, 10.0).will == will


@pytest.mark.parametrize(
    ("status", "will"),
    [(0, "stopped"), (1, "failed"), (143, "failed"), (-15, "failed"), (-11, "failed"), (None, "failed")],
)
def test_of_one_that_drains_only_a_0_is_a_stop(status: int | None, will: str) -> None:
    of = node("p", restart=Restart(policy="always"))
    assert decide(of, process(stopping=True, released=True), status, 10.0).will == will


@pytest.mark.parametrize(
    ("status", "will"),
    [
        (0, "stopped"),
        (-2, "stopped"),
        (130, "stopped"),
        (-15, "failed"),
        (143, "failed"),
        (1, "failed"),
        (-11, "failed"),
        (-9, "failed"),
        (None, "failed"),
    ],
)
def test_of_one_that_got_a_signal_death_by_it_is_a_stop_too(status: int | None, will: str) -> None:
    of = node("p", library=False, stop=Stop(signal="INT"), restart=Restart(policy="always"))
    assert decide(of, process(stopping=True), status, 10.0).will == will


def test_of_a_program_that_has_not_begun_death_by_the_signal_is_a_stop() -> None:
    assert decide(node("p"), process(stopping=True), -15, 10.0).will == "stopped"


@pytest.mark.parametrize("status", [0, -15, -9, 1])
def test_who_had_to_be_forced_has_failed(status: int) -> None:
    assert decide(node("p", library=False), process(stopping=True, force_killed=True), status, 10.0).will == "failed"


def test_too_many_attempts_within_the_window_fail_for_good() -> None:
    of = node("p", restart=Restart(max_attempts=3, window=60.0))
    attempts = [40.0, 50.0, 60.0]
    assert decide(of, process(attempts=attempts), 1, 100.0).will == "failed"
    assert decide(of, process(attempts=attempts), 1, 100.0001).attempt == 3


def test_attempts_are_counted() -> None:
    of = node("p", restart=Restart(max_attempts=None))
    assert decide(of, process(attempts=[9.0] * 1000), 1, 10.0).attempt == 1001


def test_no_attempts_at_all() -> None:
    assert decide(node("p", restart=Restart(max_attempts=0)), process(), 1, 1.0).will == "failed"


@pytest.mark.parametrize(("before", "delay"), [(0.0, 0.1), (0.1, 0.2), (0.2, 0.4), (20.0, 30.0), (30.0, 30.0)])
def test_the_delay_is_doubled_up_to_the_longest(before: float, delay: float) -> None:
    assert decide(node("p"), process(delay=before), 1, 10.0).delay == pytest.approx(delay)


@pytest.mark.parametrize(("ready_at", "delay"), [(0.0, 16.0), (70.5, 16.0), (70.0, 0.1)])
def test_the_delay_starts_anew_once_it_was_ready_for_long(ready_at: float, delay: float) -> None:
    of = process(delay=8.0, ready_at=ready_at)
    assert decide(node("p"), of, 1, 100.0).delay == pytest.approx(delay)


@given(
    st.floats(0, 1e3),
    st.floats(0, 1e3),
    st.none() | st.integers(0, 10),
    st.lists(st.floats(0, 1e4), max_size=12),
    st.floats(0, 1e3),
    st.none() | st.integers(-64, 255),
)
def test_no_delay_is_longer_than_allowed(
    delay: float, longest: float, most: int | None, attempts: list[float], before: float, status: int | None
) -> None:
    policy = Restart("always", delay, max(delay, longest), most, 60.0)
    decision = decide(node("p", restart=policy), process(attempts=attempts, delay=before), status, 1e4)
    assert decision.will in ("restart", "failed")
    assert 0 <= decision.delay <= policy.max_delay
    assert decision.will == "failed" or most is None or decision.attempt <= most


def test_only_a_python_node_says_that_no_start_can_mend_it() -> None:
    assert decide(node("p", library=False), process(), EX_CONFIG, 10.0).will == "restart"


@pytest.mark.parametrize(
    ("changed", "will"),
    [
        ({"library": False}, "failed"),
        ({"library": True, "interpreter": "/usr/bin/python3"}, "failed"),
        ({"library": True}, "restart"),
    ],
)
def test_a_command_that_is_not_there_fails_at_once(changed: dict[str, object], will: str) -> None:
    of = node("p", **changed, restart=Restart("always", max_attempts=None))  # type: ignore[arg-type]
    assert decide(of, process(), ABSENT, 10.0).will == will
    assert decide(of, process(), 126, 10.0).will == "restart"


def test_one_that_has_run_for_long_starts_again_after_a_command_that_was_not_there() -> None:
    of = node("p", library=False, restart=Restart(max_delay=30.0))
    assert decide(of, process(ready_at=1.0), ABSENT, 31.0).will == "restart"
    assert decide(of, process(ready_at=1.1), ABSENT, 31.0).will == "failed"


def test_attempts_that_end_before_it_is_ready_count_by_number() -> None:
    of = node("p", restart=Restart(max_attempts=3, window=60.0))
    assert decide(of, process(unready=2), 1, 1000.0) == decide(of, process(attempts=[999.0] * 2), 1, 1000.0)
    assert decide(of, process(unready=3), -9, 1000.0).will == "failed"
    assert decide(of, process(unready=3, ready_at=900.0), -9, 1000.0).attempt == 1  # by the window, once it was ready


def test_one_that_is_killed_before_it_is_ready_fails_for_good() -> None:
    world = World(plan(node("slow", library=False, restart=Restart(max_attempts=2, window=60.0)), node("other")))
    world.begin()
    world.launched("other")
    world.hello("other")
    world.wired("other")
    for attempt in (1, 2):
        world.launched("slow")
        assert ("slow", "KILL") in signals(world.wait(61.0))
        assert (world.exit("slow", -9), world["slow"].state)[1] == "backoff", attempt
        world.wait(1.0)
    world.launched("slow")
    world.wait(61.0)
    world.exit("slow", -9)
    assert (world["slow"].state, world["slow"].generation) == ("failed", 3)
    assert world.mesh.phase == "running"


# ---- the pause before a start


@given(st.text("abc-0123", min_size=1), st.integers(0, 100), st.floats(0, 100))
def test_a_pause_is_the_delay_less_up_to_a_quarter(name: str, generation: int, delay: float) -> None:
    of = ProcessState(name, generation=generation, delay=delay)
    assert delay * (1 - JITTER) <= pause(of) <= delay
    assert pause(of) == pause(of)


def test_pauses_differ_from_process_to_process_and_from_time_to_time() -> None:
    by_process = {pause(ProcessState(f"bot-{number}", generation=1, delay=1.0)) for number in range(24)}
    by_time = {pause(ProcessState("bot", generation=number, delay=1.0)) for number in range(24)}
    assert len(by_process) == len(by_time) == 24
    assert max(by_process) - min(by_process) > 0.15
