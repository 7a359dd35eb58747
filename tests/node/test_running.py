"""A running node and its supervisor."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest
import zmq

pytestmark = pytest.mark.process


def started(mesh, program, sockets=None, **args):
    node = mesh.start("node", f"node_programs:{program}", sockets or {}, **args)
    node.gate()
    node.wired()
    node.go()
    return node


@pytest.mark.parametrize("inherit", [True, False], ids=["inherited", "own"])
def test_the_control_socket_is_inherited_or_made(mesh, inherit):
    node = started(mesh, "idle", inherit=inherit)
    hello = node.heard("hello")
    assert hello.pop("phase") in ("starting", "gate")
    assert hello == {"say": "hello", "pid": node.pid, "generation": 1}
    assert node.heard("ready") == {"say": "ready"}
    assert node.drain() == 0, node.text
    assert [each["say"] for each in node.said].count("ready") == 1
    assert node.heard("leaving") == {"say": "leaving", "failed": False}


def test_a_new_supervisor_takes_over(mesh):
    node = started(mesh, "idle")
    node.heard("ready")
    for _ in range(3):
        node.connect()
        assert node.ask("ping") == {"phase": "running", "waiting": {}}
        assert node.heard("hello")["phase"] == "running"
        assert node.heard("ready")
    assert node.drain() == 0, node.text


def test_a_supervisor_may_go_and_come_back_while_the_gate_is_closed(mesh):
    mesh.listen("link")
    node = mesh.start("node", "node_programs:idle", {"in": {"type": "PULL", "bind": ["link"]}})
    node.gate(**{"in": (1,)})
    node.connect()
    assert node.heard("hello")["phase"] in ("starting", "gate")
    node.gate()
    node.wired()
    node.go()
    assert node.drain() == 0, node.text


def test_what_the_gate_waits_for_is_named(mesh):
    mesh.listen("ticks")
    mesh.listen("orders")
    sockets = {"ticks": {"type": "PUB", "bind": ["ticks"]}, "orders": {"type": "PULL", "bind": ["orders"]}}
    node = mesh.start("node", "node_programs:idle", sockets)
    node.gate(ticks=(0, "sub.in.1", "two.in.1", "three.in.1"), orders=(2,))
    while (said := node.ask("ping"))["phase"] == "starting":
        pass
    assert said == {"phase": "gate", "waiting": {"ticks": "subscriptions 0/3", "orders": "handshakes 0/2"}}
    sub = mesh.start("sub", "node_programs:collect", {"in": {"type": "SUB", "connect": ["ticks"], "subscribe": ["a"]}})
    sub.gate(**{"in": (1,)})
    sub.wired()
    until = time.monotonic() + 5
    while node.ask("ping")["waiting"]["ticks"] != "subscriptions 1/3":
        assert time.monotonic() < until
    node.signal(signal.SIGTERM)
    assert node.wait() == -signal.SIGTERM


def test_the_marker_of_another_generation_does_not_open_the_gate(mesh):
    mesh.listen("ticks")
    node = mesh.start("node", "node_programs:idle", {"ticks": {"type": "PUB", "bind": ["ticks"]}})
    sub = mesh.start("sub", "node_programs:collect", {"in": {"type": "SUB", "connect": ["ticks"], "subscribe": ["a"]}})
    node.heard("hello")
    node.gate(ticks=(1, "sub.in.2"))
    sub.gate(**{"in": (1,)})
    sub.wired()
    while (waiting := node.ask("ping")["waiting"]) in ({}, {"ticks": "handshakes 0/1"}):
        pass
    assert waiting == {"ticks": "subscriptions 0/1"}
    node.gate(ticks=(1, "sub.in.1"))
    node.wired()


def test_the_listeners_are_handed_back(mesh):
    addresses = [mesh.listen("one"), mesh.listen("two", "tcp")]
    sockets = {"a": {"type": "PULL", "bind": ["one"]}, "b": {"type": "PUB", "bind": ["two"]}}
    node = mesh.start("node", "node_programs:idle", sockets)
    node.gate()
    node.wired()
    node.go()
    assert node.ask("listeners") == {"endpoints": addresses}
    fds = node.fds()
    kept = [mesh._listeners[name][0].fileno() for name in ("one", "two")]
    assert [os.fstat(fd).st_ino for fd in fds] == [os.fstat(fd).st_ino for fd in kept]
    for fd in fds:
        os.close(fd)


def test_what_it_does_not_understand_is_answered(mesh):
    node = started(mesh, "idle")
    assert "unknown request" in node.ask("dance")["error"]
    assert node.ask("gate") == {"error": "gate: expect: is missing"}
    assert node.ask("stop", dry="in") == {"error": "stop: dry: 'in' is not a list"}
    node._connection.send(b"not json")
    assert node.ask("ping")["waiting"] == {}


@pytest.mark.parametrize(("program", "count"), [("collect", 600_000), ("collect_async", 50_000)])
def test_nothing_is_lost_under_two_hundred_requests_a_second(mesh, program, count):
    mesh.listen("link")
    sink = mesh.start("sink", f"node_programs:{program}", {"in": {"type": "PULL", "bind": ["link"]}})
    source = mesh.start("source", "node_programs:send", {"out": {"type": "PUSH", "connect": ["link"]}}, count=count)
    sink.gate(**{"in": (1,)})
    source.gate(out=(1,))
    for process in (sink, source):
        process.wired()
        process.go()
    asked, pause = 0, threading.Event()
    while source.alive:
        assert sink.ask("touch", sockets=["in"], seen={}) == {"seen": {}, "away": []}
        asked += 1
        pause.wait(0.005)
    assert asked > 50
    assert sink.drain("in") == 0, sink.text
    assert sink.result == list(range(count))


@pytest.mark.parametrize("pub_binds", [True, False], ids=["pub-binds", "sub-binds"])
def test_a_subscriber_that_starts_again_misses_nothing_after_its_gate(mesh, pub_binds):
    mesh.listen("link")
    ends = ({"bind": ["link"]}, {"connect": ["link"]})
    here, there = ends if pub_binds else ends[::-1]
    pub = mesh.start("pub", "node_programs:flood", {"out": {"type": "PUB", **here}})
    sockets = {"in": {"type": "SUB", **there, "subscribe": [""]}}
    sub = mesh.start("sub", "node_programs:collect_from", sockets)
    pub.gate(out=(1, "sub.in.1"))
    sub.gate(**{"in": (1,)})
    for process in (pub, sub):
        process.wired()
        process.go()
    for generation in (2, 3):
        sub.heard("ready")
        sub.signal(signal.SIGKILL)
        sub.wait()
        sub = mesh.start("sub", "node_programs:collect_from", sockets, generation=generation)
        sub.gate(**{"in": (1,)})
        sub.wired()
        markers = {"out": [f"sub.in.{generation}"]}
        while pub.ask("touch", sockets=["out"], seen=markers)["seen"] != markers:
            pass
        sub.go()
    sub.heard("ready")
    assert pub.drain() == 0, pub.text
    if pub_binds:
        mesh.unlisten("link")
    assert sub.drain("in") == 0, sub.text
    sent, got = pub.result, sub.result["got"]
    assert got == list(range(got[0], len(sent)))
    assert sent[got[0] - 1] < sub.result["begun"], "a message sent after the program began is missing"


def test_a_socket_belongs_to_one_thread(mesh):
    mesh.listen("link")
    node = started(mesh, "other_threads", {"in": {"type": "PULL", "bind": ["link"]}})
    assert node.wait() == 0, node.text
    errors = node.result
    assert "takes one by thread_socket('in')" in errors[0]
    assert len(errors) == 4
    assert all("belongs to thread" in error for error in errors[1:])


def test_the_socket_is_plain_and_the_process_light(mesh):
    mesh.listen("link")
    node = started(mesh, "describe", {"out": {"type": "PUB", "bind": ["link"]}})
    assert node.wait() == 0, node.text
    found = node.result
    assert found["type"]
    assert found["same"]
    assert found["callables"] == []
    assert found["who"] == ["test", "node", "node", 0, 1, None]
    assert node.text == "INFO a line\n"


@pytest.mark.long
@pytest.mark.parametrize("pub_binds", [True, False], ids=["pub-binds", "sub-binds"])
def test_a_publisher_that_starts_again_is_heard_by_a_subscriber_that_never_looks(mesh, pub_binds):
    mesh.listen("link")
    ends = ({"bind": ["link"]}, {"connect": ["link"]})
    here, there = ends if pub_binds else ends[::-1]
    pub = mesh.start("pub", "node_programs:idle", {"out": {"type": "PUB", **here}})
    sub = mesh.start("sub", "node_programs:read_late", {"in": {"type": "SUB", **there, "subscribe": [""]}})
    pub.gate(out=(1, "sub.in.1"))
    sub.gate(**{"in": (1,)})
    for process in (pub, sub):
        process.wired()
        process.go()
    pub.signal(signal.SIGKILL)
    pub.wait()
    pub = mesh.start("pub", "node_programs:send", {"out": {"type": "PUB", **here}}, generation=2, count=100)
    pub.gate(out=(1, "sub.in.1"))
    while not any(each["say"] == "sockets_ready" for each in pub.said):
        sub.ask("touch", sockets=["in"], seen={})
        pub.ask("ping")
    pub.go()
    assert pub.wait() == 0, pub.text
    if pub_binds:
        mesh.unlisten("link")
    assert sub.drain("in") == 0, sub.text
    assert sub.result == list(range(100))


def test_a_pub_refuses_to_receive_as_libzmq_has_it(mesh):
    mesh.listen("link")
    pub = mesh.start("pub", "node_programs:receive_from_a_pub", {"out": {"type": "PUB", "bind": ["link"]}})
    sub = mesh.start("sub", "node_programs:collect", {"in": {"type": "SUB", "connect": ["link"], "subscribe": [""]}})
    pub.gate(out=(1, "sub.in.1"))
    sub.gate(**{"in": (1,)})
    pub.wired()
    sub.wired()
    # Of one that subscribes after the gate an XPUB would tell.
    late = zmq.Context.instance().socket(zmq.SUB)
    late.connect(mesh.listen("link"))
    late.subscribe(b"late")
    sub.go()
    pub.go()
    assert pub.wait() == 0, pub.text
    said = pub.result
    assert said.pop("type") is True
    assert [said.pop(each) for each in ("poll", "poll out", "async poll")] == [0, zmq.POLLOUT, 0]
    assert set(said.values()) == {int(zmq.ENOTSUP)}, said
    mesh.unlisten("link")
    assert sub.drain("in") == 0, sub.text
    assert sub.result == [1, 2]
    late.close(0)
