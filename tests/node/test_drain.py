"""Nothing that was sent is lost by a stop, and everything that waits ends."""

from __future__ import annotations

import contextlib
import threading
import time

import pytest
import zmq

pytestmark = pytest.mark.process

SLOW = {"count": 5000, "size": 8}


def run_slow(mesh, transport, env):
    """A source that is done long before the sink, which stands at its high-water mark all the time."""
    mesh.listen("link", transport)
    sink = mesh.start(
        "sink", "node_programs:collect", {"in": {"type": "PULL", "bind": ["link"], "rcvhwm": 100}}, pause=0.0001
    )
    source = mesh.start("source", "node_programs:send", {"out": {"type": "PUSH", "connect": ["link"]}}, env=env, **SLOW)
    for process, name in ((sink, "in"), (source, "out")):
        process.gate(**{name: (1,)})
    for process in (sink, source):
        process.wired()
        process.go()
    assert source.wait() == 0, source.text
    assert sink.drain("in") == 0, sink.text
    return sink.result


@pytest.mark.parametrize("transport", ["ipc", "tcp"])
def test_a_slow_sink_gets_everything(mesh, transport):
    assert run_slow(mesh, transport, {}) == list(range(SLOW["count"]))


def test_without_the_held_descriptors_a_slow_sink_loses_messages(mesh):
    assert len(run_slow(mesh, "ipc", {"ORCHESTRATOR_HOLD": "0"})) < SLOW["count"]


def test_two_that_leave_at_once_do_not_wait_for_each_other(mesh):
    mesh.listen("link")
    # Enough to leave unread bytes in the kernel, too few to keep the sender waiting.
    given = {"type": "PAIR", "rcvhwm": 5}
    one = mesh.start("one", "node_programs:swap", {"out": {"bind": ["link"], **given}}, count=60)
    two = mesh.start("two", "node_programs:swap", {"out": {"connect": ["link"], **given}}, count=60)
    for each in (one, two):
        each.gate(out=(1,))
    for each in (one, two):
        each.wired()
        each.go()
    for each in (one, two):
        each.heard("ready")
    begun = time.monotonic()
    for each in (one, two):
        each.ask("stop", grace=10.0)
    assert one.wait() == two.wait() == 0
    assert time.monotonic() - begun < 4


def pulling(mesh, program, **args):
    mesh.listen("link")
    sink = mesh.start("sink", f"node_programs:{program}", {"in": {"type": "PULL", "bind": ["link"]}}, **args)
    source = mesh.start("source", "node_programs:send", {"out": {"type": "PUSH", "connect": ["link"]}}, count=2000)
    sink.gate(**{"in": (1,)})
    source.gate(out=(1,))
    for process in (sink, source):
        process.wired()
        process.go()
    return source, sink


@pytest.mark.parametrize("program", ["collect", "raw_loop", "collect_async", "raw_async", "in_thread"])
def test_every_way_to_receive_ends_when_the_socket_is_dry(mesh, program):
    source, sink = pulling(mesh, program)
    assert source.wait() == 0, source.text
    assert sink.drain("in") == 0, sink.text
    assert sink.result == list(range(2000))


def test_a_socket_is_not_dry_while_a_feeder_is_connected(mesh):
    mesh.listen("link")
    sink = mesh.start("sink", "node_programs:collect", {"in": {"type": "PULL", "bind": ["link"]}})
    source = mesh.start("source", "node_programs:idle", {"out": {"type": "PUSH", "connect": ["link"]}})
    sink.gate(**{"in": (1,)})
    source.gate(out=(1,))
    for process in (sink, source):
        process.wired()
        process.go()
    assert [sink.ask("stop", grace=10, dry=["in"])["dry"] for _ in range(20)] == [[]] * 20
    assert source.drain() == 0
    assert sink.drain("in") == 0


def test_a_timeout_of_the_programs_own_is_not_swallowed(mesh):
    mesh.listen("link")
    sink = mesh.start("sink", "node_programs:own_timeout", {"in": {"type": "PULL", "bind": ["link"]}})
    sink.gate()
    sink.wired()
    sink.go()
    assert sink.drain() == 0, sink.text
    assert sink.result == "Again"


@pytest.mark.parametrize("program", ["collect", "collect_async", "in_thread"])
def test_a_socket_that_is_fed_without_end_is_cut(mesh, program):
    context, done = zmq.Context(), threading.Event()
    feeder = context.socket(zmq.PUSH)
    feeder.linger = 0
    feeder.sndtimeo = 50
    port = feeder.bind_to_random_port("tcp://127.0.0.1")
    sockets = {"in": {"type": "PULL", "connect": [f"tcp://127.0.0.1:{port}"]}}
    sink = mesh.start("sink", f"node_programs:{program}", sockets)
    sink.gate(**{"in": (1,)})
    sink.wired()
    sink.go()

    def feed():
        while not done.is_set():
            with contextlib.suppress(zmq.Again):
                feeder.send(b"1")
        feeder.close()

    thread = threading.Thread(target=feed)
    thread.start()
    try:
        while not (sink.ask("stop", grace=10, cut=["in"])["dry"]) and sink.alive:
            pass
        assert sink.wait() == 0, sink.text
    except ConnectionError:
        assert sink.wait() == 0, sink.text
    finally:
        done.set()
        thread.join()
        context.term()
    assert set(sink.result) <= {1}


def test_stopping_can_be_awaited_by_several(mesh):
    node = mesh.start("node", "node_programs:wait_async", {})
    node.gate()
    node.wired()
    node.go()
    node.heard("ready")
    assert node.drain() == 0, node.text
    assert node.result == [True] * 3


def test_a_socket_whose_peers_stop_with_it_ends_once_it_is_empty(mesh):
    address = mesh.listen("link")
    one = mesh.start("one", "node_programs:collect", {"in": {"type": "PAIR", "bind": ["link"]}})
    with zmq.Context() as context, context.socket(zmq.PAIR) as peer:
        peer.connect(address)
        one.gate(**{"in": (1,)})
        one.wired()
        one.go()
        for number in range(3):
            peer.send(b"%d" % number)
        # Its peer is still there, so it is never dry.
        assert [one.ask("stop", grace=10, dry=["in"])["dry"] for _ in range(20)] == [[]] * 20
        with contextlib.suppress(OSError):
            while one.ask("stop", grace=10, quiet=["in"])["dry"] != ["in"]:
                pass
        assert one.wait() == 0, one.text
        assert one.result == [0, 1, 2]
