"""What a process says that it leaves behind, with real sockets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zmq

from orchestrator.contract.node_messages import Unread
from orchestrator.node import Node
from orchestrator.node.shutdown import leave
from orchestrator.node.unread import received, told

pytestmark = pytest.mark.process


def address(folder: Path, name: str = "a") -> str:
    return f"ipc://{folder}/{name}"


def sending(to: str, count: int, kind: int = zmq.PUSH) -> zmq.Socket[bytes]:
    socket = zmq.Context.instance().socket(kind)
    socket.connect(to)
    for number in range(count):
        socket.send(b"%04d" % number)
    return socket


@contextmanager
def entered(**sockets: dict[str, object]) -> Iterator[Node]:
    """Enter a node that is left by ``leave`` in the test, and only once: a context ends once."""
    node = Node.standalone(sockets)
    node.__enter__()
    yield node


def left(node: Node, seconds: float) -> list[Unread]:
    return leave(node.context, list(node._wired.values()), seconds, end=True)


def arrived(node: Node, name: str) -> None:
    assert node.socket(name).poll(5000)


@pytest.mark.parametrize(("stopping", "then"), [(True, "lost"), (False, "dropped")])
def test_a_reader_counts_what_it_has_not_read(tmp_path: Path, stopping: bool, then: str) -> None:
    with Node.standalone({"in": {"type": "PULL", "bind": address(tmp_path)}}) as node:
        sender = sending(address(tmp_path), 3)
        arrived(node, "in")
        sender.close(linger=1000)
        found: list[Unread] = []
        while sum(each.messages or 0 for each in found) < 3:
            found += received(node._wired.values(), stopping=stopping)
        assert {(each.socket, each.way, each.then) for each in found} == {("in", "received", then)}
        assert sum(each.bytes for each in found) == 12


def test_a_server_counts_requests_that_nobody_waits_for(tmp_path: Path) -> None:
    with Node.standalone({"in": {"type": "ROUTER", "bind": address(tmp_path)}}) as node:
        sender = sending(address(tmp_path), 1, zmq.DEALER)
        arrived(node, "in")
        [found] = received(node._wired.values(), stopping=True)
        assert (found.messages, found.then) == (1, "dropped")
        sender.close(linger=0)


def test_who_keeps_only_the_newest_leaves_nothing(tmp_path: Path) -> None:
    with Node.standalone({"in": {"type": "PULL", "bind": address(tmp_path), "conflate": 1}}) as node:
        sender = sending(address(tmp_path), 3)
        arrived(node, "in")
        assert received(node._wired.values(), stopping=True) == []
        sender.close(linger=0)


def test_a_sender_says_what_its_reader_has_not_read(tmp_path: Path) -> None:
    reader = zmq.Context.instance().socket(zmq.PULL)
    reader.set(zmq.RCVHWM, 5)
    reader.bind(address(tmp_path))
    with entered(out={"type": "PUSH", "connect": address(tmp_path)}) as node:
        for number in range(500):
            node.socket("out").send(b"%0100d" % number)
        assert reader.poll(5000)  # connected, as the gate sees to it in a mesh
        [found] = left(node, 0.3)
    assert (found.socket, found.way, found.then, found.connect) == ("out", "sent", "lost", 0)
    assert found.bytes > 0
    reader.close(linger=0)


def test_a_sender_that_binds_says_whose_it_was(tmp_path: Path) -> None:
    with entered(out={"type": "PUSH", "bind": address(tmp_path)}) as node:
        reader = zmq.Context.instance().socket(zmq.PULL)
        reader.set(zmq.RCVHWM, 5)
        reader.connect(address(tmp_path))
        for number in range(500):
            node.socket("out").send(b"%0100d" % number)
        [found] = left(node, 0.3)
    assert (found.connect, found.pid) == (None, os.getpid())
    reader.close(linger=0)


def test_over_tcp_what_the_kernel_did_not_take_is_seen() -> None:
    reader = zmq.Context.instance().socket(zmq.PULL)
    reader.set(zmq.RCVHWM, 5)
    reader.set(zmq.RCVBUF, 4096)
    port = reader.bind_to_random_port("tcp://127.0.0.1")
    with entered(out={"type": "PUSH", "connect": f"tcp://127.0.0.1:{port}", "sndbuf": 4096}) as node:
        for _ in range(500):
            node.socket("out").send(bytes(4096))
        assert reader.poll(5000)
        [found] = left(node, 0.3)
    assert (found.socket, found.then, found.connect) == ("out", "lost", 0)
    assert found.bytes > 0
    reader.close(linger=0)


def test_a_sender_whose_reader_never_came_says_that_something_is_lost(tmp_path: Path) -> None:
    with entered(out={"type": "PUSH", "connect": address(tmp_path, "nobody")}) as node:
        node.socket("out").send(b"x")
        found = left(node, 0.1)
    assert found == [Unread("out", "sent", "lost")]


def test_who_was_read_to_the_end_leaves_nothing(tmp_path: Path) -> None:
    reader = zmq.Context.instance().socket(zmq.PULL)
    reader.bind(address(tmp_path))
    with entered(out={"type": "PUSH", "connect": address(tmp_path)}) as node:
        node.socket("out").send(b"x")
        assert reader.recv() == b"x"
        assert left(node, 5.0) == []
    reader.close(linger=0)


def test_only_so_many_are_told_and_the_largest() -> None:
    many = [Unread("out", "sent", "lost", bytes=size) for size in range(1000)]
    found = told(many)
    assert len(found) == 200
    assert min(each.bytes for each in found) == 800
