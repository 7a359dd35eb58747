"""Whoever waits in send or recv for somebody who will not come is woken by zmq.Again, and that is a clean end."""

from __future__ import annotations

import contextlib
import time

import pytest
import zmq

from orchestrator.delivery.drained import DrainedError
from orchestrator.node.again import is_the_drains

pytestmark = pytest.mark.process

TYPES = ["PUSH", "DEALER", "PAIR"]
POURED = [
    ("pour", "send"),
    ("pour", "send_multipart"),
    ("pour", "send_string"),
    ("pour_async", "send"),
    ("pour_async", "send_multipart"),
    ("pour_in_a_group", "send"),
]


def begun(mesh, program, sockets, **args):
    """Start a process whose peers are not there."""
    process = mesh.start("one", f"node_programs:{program}", sockets, **args)
    process.gate()
    process.wired()
    process.go()
    return process


def asked(process, do, **request):
    """Ask a process that may end meanwhile."""
    with contextlib.suppress(ConnectionError):
        return process.ask(do, **request)
    return {"dry": request.get("cut", [])}


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(("program", "method"), POURED)
def test_who_waits_in_send_is_woken_when_nobody_is_left_to_take_anything(mesh, program, method, kind):
    mesh.listen("link")
    process = begun(mesh, program, {"out": {"type": kind, "connect": ["link"], "sndhwm": 5}}, method=method)
    process.heard("ready")
    for _ in range(3):  # to be told to stop does not wake it: somebody may still come
        assert process.ask("stop", grace=10)["full"] == ["out"]
    assert process.alive
    asked(process, "desert", sockets=["out"])
    assert process.wait() == 0, process.text
    assert process.text == ""
    assert process.result == 5


def test_what_is_in_the_middle_of_its_parts_is_not_cut(mesh):
    context = zmq.Context()
    with context, context.socket(zmq.PUSH) as feeder:
        port = feeder.bind_to_random_port("tcp://127.0.0.1")
        process = begun(mesh, "in_parts", {"in": {"type": "PULL", "connect": [f"tcp://127.0.0.1:{port}"]}})
        feeder.send_multipart([b"one", b"two"])
        process.heard("ready")
        assert process.ask("stop", grace=10, cut=["in"]) == {"dry": [], "busy": True, "looked": False, "full": []}
        process.out.with_suffix(".go").touch()
        while asked(process, "stop", grace=10, cut=["in"])["dry"] != ["in"]:
            pass
        assert process.wait() == 0, process.text
        assert process.result == ["one", "two"]


@pytest.mark.parametrize(
    ("program", "args"),
    [
        ("wait_for_parts", {}),
        ("recv_unguarded", {"method": "recv_multipart"}),
        ("recv_unguarded", {"method": "recv"}),
        ("collect", {}),
    ],
)
def test_who_waits_for_parts_is_cut_as_quickly_as_others(mesh, program, args):
    mesh.listen("link")
    process = begun(mesh, program, {"in": {"type": "PULL", "connect": ["link"]}}, **args)
    assert asked(process, "stop", grace=10, cut=["in"])["dry"] == ["in"]
    assert process.wait() == 0, process.text
    assert process.text == ""


@pytest.mark.parametrize("way", ["send", "recv"])
def test_a_timeout_of_the_programs_own_is_a_failure_also_in_a_drain(mesh, way):
    for name in ("link", "other"):
        mesh.listen(name)
    sockets = {
        "in": {"type": "PULL", "connect": ["link"]},
        "other": {"type": "DEALER", "connect": ["other"], "sndhwm": 5},
    }
    process = begun(mesh, "own_timeouts", sockets, way=way)
    process.heard("ready")
    asked(process, "stop", grace=10, cut=["in"])
    assert process.wait() == 1
    assert "zmq.error.Again" in process.text


def test_what_the_drain_raises_is_told_from_other_errors():
    assert is_the_drains(DrainedError(), ())
    assert is_the_drains(ExceptionGroup("several", [DrainedError(), DrainedError()]), ())
    assert not is_the_drains(ExceptionGroup("several", [DrainedError(), ValueError()]), ())
    assert not is_the_drains(zmq.Again(), ())
    assert not is_the_drains(ValueError(), ())
    assert not is_the_drains(None, ())


@pytest.mark.parametrize(
    ("program", "looks"),
    [("idle", True), ("wait_async", True), ("collect", True), ("polls", True), ("heedless", False)],
)
def test_it_is_known_whether_a_program_has_looked_at_stopping(mesh, program, looks):
    mesh.listen("link")
    process = begun(mesh, program, {"in": {"type": "PULL", "connect": ["link"]}})
    process.heard("ready") if program != "collect" else None
    with contextlib.suppress(ConnectionError):
        for _ in range(3):
            said = process.ask("stop", grace=10)
            assert looks or said["looked"] is False
        while looks and said.get("looked") is False:
            said = process.ask("stop", grace=10)


def test_a_request_that_retries_ends_with_its_attempt_however_often_it_is_asked(mesh):
    mesh.listen("link")
    retry = {"timeout": 1.0, "attempts": 1000}
    with zmq.Context() as context, context.socket(zmq.REP) as mute:
        mute.linger = 0
        port = mute.bind_to_random_port("tcp://127.0.0.1")
        sockets = {"ask": {"type": "REQ", "connect": [f"tcp://127.0.0.1:{port}"], "retry": retry}}
        process = begun(mesh, "insist", sockets)
        process.heard("ready")
        mute.recv()
        begun_at = time.monotonic()
        with contextlib.suppress(ConnectionError):
            while True:  # each is a signal, after which pyzmq would wait anew
                process.ask("stop", grace=10)
                assert time.monotonic() - begun_at < 6
        assert process.wait() == 0, process.text
        assert process.text == ""
