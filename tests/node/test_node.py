"""The node without a mesh, and what importing it costs."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time

import pytest
import zmq

from orchestrator.contract.node_messages import Ending
from orchestrator.node import Node, NotInMeshError, OrchestratorError, UnknownSocketError, WiringError, WrongThreadError


@pytest.fixture
def context():
    with zmq.Context() as made:
        yield made


PAIR = {"in": {"type": "PULL", "bind": "inproc://link"}, "out": {"type": "PUSH", "connect": "inproc://link"}}


def test_a_standalone_node_has_plain_sockets(context):
    with Node.standalone(PAIR, {"seed": 3}, name="bot", index=1, count=2, context=context) as node:
        assert type(node.socket("in")) is zmq.Socket
        assert node.socket("in") is node.socket("in")
        assert (node.mesh, node.name, node.process, node.index, node.count) == ("standalone", "bot", "bot-1", 1, 2)
        assert (node.key, node.args, node.context) == (None, {"seed": 3}, context)


def test_it_ends_when_it_is_stopped_and_all_was_read(context):
    with Node.standalone(PAIR, context=context) as node:
        for number in (b"1", b"2"):
            node.socket("out").send_multipart([number, b"x"])
        assert not node.stopping
        assert not node.stopping.wait(0)
        node.stop()
        assert node.stopping.wait()
        assert list(node.multipart("in")) == [[b"1", b"x"], [b"2", b"x"]]
        assert list(node.messages("in")) == []


def test_asyncio_ends_too(context):
    async def read(node):
        task = asyncio.ensure_future(node.async_socket("in").recv())
        node.socket("out").send(b"0")
        assert await task == b"0"
        node.socket("out").send(b"1")
        asyncio.get_running_loop().call_soon(node.stop)
        assert await node.stopping
        return [message async for message in node.messages("in")]

    with Node.standalone(PAIR, context=context) as node:
        assert asyncio.run(read(node)) == [b"1"]


def test_it_can_be_entered_inside_a_loop():
    async def main():
        with Node.standalone(PAIR) as node:
            pending = asyncio.ensure_future(node.async_socket("in").recv())
            await asyncio.sleep(0)
        with pytest.raises(zmq.Again):
            await pending

    asyncio.run(main())


def test_the_very_first_receive_of_a_loop_ends_too(context):
    async def main(node):
        socket = node.async_socket("in")
        # As the signal handler does it, between two lines of the receive that is being prepared.
        node._wired["in"].asynchronous.wake(ended=True)
        with pytest.raises(zmq.Again):
            await asyncio.wait_for(socket.recv(), 2)

    with Node.standalone(PAIR, context=context) as node:
        asyncio.run(main(node))


@pytest.mark.parametrize("order", ["dry", "quiet"])
def test_a_loop_reads_what_had_come_when_the_drain_looked(context, order):
    async def main(node):
        pending = asyncio.ensure_future(node.async_socket("in").recv())
        await asyncio.sleep(0)
        node.socket("out").send(b"1")
        # As the signal handler does it, before the loop has seen that something came.
        assert node._requests.answer({"do": "stop", "grace": 5, order: ["in"]}, None)[0] == Ending((), looked=False)
        return await asyncio.wait_for(pending, 2)

    with Node.standalone(PAIR, context=context) as node:
        assert asyncio.run(main(node)) == b"1"


def test_a_prefix_and_options_as_in_a_topology(context):
    sockets = {
        "pub": {"type": "PUB", "bind": "inproc://ticks"},
        "sub": {"type": "SUB", "connect": ["inproc://ticks"], "subscribe": ["a", b"\xfe"], "rcvhwm": 7},
    }
    with Node.standalone(sockets, context=context) as node:
        assert node.socket("pub").type == zmq.PUB
        assert node.socket("sub").rcvhwm == 7
        assert node.socket("sub").reconnect_ivl == 10
        node.socket("sub").rcvtimeo = 1000
        node.socket("sub").getsockopt(zmq.EVENTS)
        for topic in (b"b", b"a1", b"\xfe2"):
            node.socket("pub").send(topic)
        assert [node.socket("sub").recv() for _ in range(2)] == [b"a1", b"\xfe2"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"type": "PUUB"}, "node.x: no socket of type PUUB: "),
        ({"type": "PULL", "rcvhwn": 1}, "node.x: cannot set rcvhwn to 1: "),
        ({"type": "PULL", "bind": "nonsense"}, "node.x: cannot bind nonsense: "),
        ({"type": "PULL", "connect": "tcp://host"}, "node.x: cannot connect to tcp://host: "),
    ],
)
def test_a_socket_that_cannot_be_made_is_named(given, said):
    with pytest.raises(WiringError, match=said), Node.standalone({"x": given}):
        pass


def test_errors_have_one_base_and_say_what_to_do(monkeypatch, tmp_path):
    assert all(
        issubclass(each, OrchestratorError)
        for each in (NotInMeshError, UnknownSocketError, WiringError, WrongThreadError)
    )
    with (
        Node.standalone(PAIR) as node,
        pytest.raises(UnknownSocketError, match="no socket 'prices'; declared: in, out"),
    ):
        node.socket("prices")
    with pytest.raises(WiringError, match="inside `with`"):
        Node.standalone(PAIR).socket("in")
    monkeypatch.delenv("ORCHESTRATOR_WIRING", raising=False)
    with pytest.raises(NotInMeshError, match=r"Node\.standalone"):
        Node.from_environment()
    for text in ("{}", "[1]", '{"version": 1}', "nothing"):
        (tmp_path / "wiring.json").write_text(text)
        monkeypatch.setenv("ORCHESTRATOR_WIRING", str(tmp_path / "wiring.json"))
        with pytest.raises(WiringError, match="cannot read the wiring"):
            Node.from_environment()


def test_leaving_waits_no_longer_than_its_grace():
    begun = time.monotonic()
    sockets = {"out": {"type": "PUSH", "connect": "tcp://127.0.0.1:9"}}
    with Node.standalone(sockets, grace=0.2) as node:
        node.socket("out").send(b"to nobody")
    assert 0.15 < time.monotonic() - begun < 1


def test_leaving_is_quick_when_nothing_is_left_and_a_socket_was_forgotten():
    begun = time.monotonic()
    with Node.standalone(PAIR, grace=0.2) as node:
        forgotten = node.context.socket(zmq.PULL)
    assert time.monotonic() - begun < 1
    forgotten.close()


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.process
def test_importing_it_loads_zmq_and_the_standard_library_alone():
    code = """
import sys
before = set(sys.modules) | sys.stdlib_module_names
import orchestrator.node, orchestrator.node.host
for name in sorted(sys.modules):
    top, _, rest = name.partition(".")
    if top not in before and "cython" not in top:
        print(top if top != "orchestrator" else name.partition(".")[2].partition(".")[0])
for name in ("asyncio", "logging"):
    assert name not in sys.modules, name
"""
    found = run(code)
    assert found.returncode == 0, found.stderr
    assert set(found.stdout.split()) == {"zmq", "contract", "errors", "node", "zeromq"}


@pytest.mark.process
def test_a_standalone_node_needs_nothing_of_linux():
    code = """
import os, select, signal, socket, sys
for module in ("fcntl", "termios", "resource", "pwd", "grp"):
    sys.modules[module] = None
for holder, names in {
    signal: ["SIGURG", "pidfd_send_signal"],
    socket: ["SO_PEERCRED", "SOCK_SEQPACKET", "MSG_NOSIGNAL", "SOCK_NONBLOCK", "SCM_RIGHTS"],
    os: ["eventfd", "getuid", "pidfd_open"],
    select: ["epoll", "poll"],
}.items():
    for name in names:
        if hasattr(holder, name):
            delattr(holder, name)
sys.platform = "darwin"
from orchestrator.node import Node
sockets = {"in": {"type": "PULL", "bind": "inproc://a"}, "out": {"type": "PUSH", "connect": "inproc://a"}}
with Node.standalone(sockets) as node:
    node.socket("out").send(b"1")
    assert node.socket("in").recv() == b"1"
    node.stop()
    assert list(node.messages("in")) == [] and node.stopping.wait(1)
"""
    found = run(code)
    assert found.returncode == 0, found.stderr
