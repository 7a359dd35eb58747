"""What the nodes of these tests run; they leave their result as JSON."""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import zmq

from orchestrator.node import WrongThreadError


def save(out: str, what: Any) -> None:
    Path(out).write_text(json.dumps(what))


def send(node, out, count, size=0, pause=0.0):
    socket = node.socket("out")
    for number in range(count):
        socket.send(b"%d" % number + b" " * size)
        if pause:
            time.sleep(pause)


def collect(node, out, pause=0.0, stop_after=None):
    got = []
    for message in node.messages("in"):
        got.append(int(message))
        if pause:
            time.sleep(pause)
        if len(got) == stop_after:
            break
    save(out, got)


def ask(node, out, count):
    socket = node.socket("out")
    got = []
    for number in range(count):
        socket.send(b"%d" % number)
        got.append(int(socket.recv()))
    save(out, got)


def answer(node, out):
    got = []
    for message in node.messages("in"):
        got.append(int(message))
        node.socket("in").send(message)
    save(out, got)


def ask_all(node, out, count):
    socket = node.socket("out")
    for number in range(count):
        socket.send(b"%d" % number)
    save(out, [int(socket.recv()) for _ in range(count)])


def route(node, out):
    got = []
    for peer, message in node.multipart("in"):
        got.append(int(message))
        node.socket("in").send_multipart([peer, message])
    save(out, got)


def raw_loop(node, out):
    socket, got = node.socket("in"), []
    while True:
        try:
            got.append(int(socket.recv()))
        except zmq.Again:
            break
    save(out, got)


def flood(node, out):
    """Send numbers and when, until told to stop."""
    socket, sent = node.socket("out"), []
    while not node.stopping:
        sent.append(time.monotonic())
        socket.send(b"%d" % (len(sent) - 1))
        time.sleep(0.0005)
    save(out, sent)


def collect_from(node, out):
    """Say when the program began, and what came from then on."""
    begun, got = time.monotonic(), []
    for message in node.messages("in"):
        got.append(int(message))
        if len(got) == 1:
            node.ready()
    save(out, {"begun": begun, "got": got})


def own_timeout(node, out):
    socket = node.socket("in")
    socket.rcvtimeo = 10
    try:
        next(iter(node.messages("in")))
    except zmq.Again:
        save(out, "Again")
    node.stopping.wait()


def swap(node, out, count):
    """Send, and read nothing."""
    for _ in range(count):
        node.socket("out").send(b"x" * 500)
    node.ready()
    node.stopping.wait()


async def collect_async(node, out):
    save(out, [int(message) async for message in node.messages("in")])


async def raw_async(node, out):
    socket, got = node.async_socket("in"), []
    try:
        while True:
            got.append(int((await socket.recv_multipart())[0]))
    except zmq.Again:
        save(out, got)


async def wait_async(node, out):
    import asyncio

    node.ready()
    save(out, await asyncio.gather(*(_stopped(node) for _ in range(3))))


async def _stopped(node):
    return await node.stopping


def in_thread(node, out):
    got: list[int] = []

    def read():
        node.thread_socket("in")
        node.ready()
        got.extend(int(message) for message in node.messages("in"))

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    save(out, got)


def other_threads(node, out):
    """Try what is forbidden."""
    errors = []

    def attempt(call):
        try:
            call("in")
        except WrongThreadError as error:
            errors.append(str(error))

    def own():
        node.thread_socket("in")

    for target in (lambda: attempt(node.socket), own, lambda: attempt(node.thread_socket)):
        thread = threading.Thread(target=target)
        thread.start()
        thread.join()
    attempt(node.socket)
    attempt(node.messages)
    save(out, errors)


def idle(node, out):
    node.ready()
    node.ready()
    node.stopping.wait()


def describe(node, out):
    socket = node.socket("out")
    save(
        out,
        {
            "type": type(socket) is zmq.Socket,
            "same": socket is node.socket("out"),
            "callables": [name for name, value in vars(socket).items() if callable(value) and name != "type"],
            "who": [node.mesh, node.name, node.process, node.index, node.count, node.key],
            "asyncio": "asyncio" in sys.modules,
        },
    )
    node.logger.info("a line")


def returns(node, out, value):
    return value


def exits(node, out, value):
    sys.exit(value)


def fails(node, out):
    _deeper()


def _deeper():
    raise ValueError("the sun is up")


async def fails_async(node, out):
    _deeper()


def unknown(node, out):
    node.socket("tick")


def threaded(node, out):
    """Return before the thread has sent everything."""

    def send_late():
        time.sleep(0.05)
        node.thread_socket("out").send(b"0")

    threading.Thread(target=send_late).start()


def randoms(node, out):
    import random

    save(out, random.random())


NOT_CALLABLE = 3


class Program:
    """A callable in a class."""

    @staticmethod
    def main(node, out):
        save(out, sys.argv)


def read_late(node, out):
    """Do not touch the socket before the end."""
    node.stopping.wait()
    save(out, [int(message) for message in node.messages("in")])


def receive_from_a_pub(node, out):
    """Call on a PUB what would receive, and note what it says."""
    import asyncio

    socket = node.socket("out")
    while socket.getsockopt(zmq.EVENTS) is not None and socket.getsockopt(116) < 3:  # its topics, a late one too
        time.sleep(0.001)
    said = {"type": type(socket) is zmq.Socket and socket.type == zmq.PUB}
    flags = {"poll": zmq.POLLIN, "poll out": zmq.POLLIN | zmq.POLLOUT}
    said |= {name: socket.poll(20, wanted) for name, wanted in flags.items()}
    asked = {"recv": (), "recv_string": (), "recv_multipart": (), "recv_json": (), "recv_into": (bytearray(9),)}
    for name, arguments in asked.items():
        said[name] = _error(lambda name=name, arguments=arguments: getattr(socket, name)(*arguments))
    said["messages"] = _error(lambda: next(iter(node.messages("out"))))

    async def under_asyncio():
        socket = node.async_socket("out")
        said["async poll"] = await socket.poll(20)
        for name in ("recv", "recv_string", "recv_multipart"):
            try:
                said[f"async {name}"] = repr(await asyncio.wait_for(getattr(socket, name)(), 2))
            except zmq.ZMQError as error:
                said[f"async {name}"] = error.errno
        await socket.send(b"1")

    asyncio.run(under_asyncio())
    socket.send(b"2")
    save(out, said)


def _error(call):
    try:
        return repr(call())
    except zmq.ZMQError as error:
        return error.errno


PARTS = {"send": b"x" * 500, "send_multipart": [b"head", b"x" * 500], "send_string": "x" * 500}


def pour(node, out, method, full=5):
    """Send for ever, and say when the next one will wait for somebody who takes it."""
    socket, sent = node.socket("out"), 0
    try:
        while True:
            if sent == full:
                node.ready()
            getattr(socket, method)(PARTS[method])
            sent += 1
    finally:
        save(out, sent)


async def pour_async(node, out, method, full=5):
    socket, sent = node.async_socket("out"), 0
    try:
        while True:
            if sent == full:
                node.ready()
            await getattr(socket, method)(PARTS[method])
            sent += 1
    finally:
        save(out, sent)


async def pour_in_a_group(node, out, method):
    import asyncio

    async with asyncio.TaskGroup() as group:
        group.create_task(pour_async(node, out, method))


def recv_unguarded(node, out, method):
    """Let the end of the drain through."""
    while True:
        getattr(node.socket("in"), method)()


def own_timeouts(node, out, way):
    """Let a timeout of its own through while the drain has ended another socket."""
    node.ready()
    for _ in node.messages("in"):
        pass
    other = node.socket("other")
    other.rcvtimeo = other.sndtimeo = 1
    if way == "send":
        for _ in range(20):
            other.send(b"nobody takes it")
    other.recv()


def wait_for_parts(node, out):
    save(out, list(node.multipart("in")))


def in_parts(node, out):
    """Take one part of a message, and the other once there is a file."""
    socket = node.socket("in")
    first = socket.recv()
    node.ready()
    while not Path(out).with_suffix(".go").exists():
        time.sleep(0.005)
    second = socket.recv()
    got = [first.decode(), second.decode()]
    save(out, got + [m.decode() for m in node.messages("in")])


def heedless(node, out):
    """Look once, before it is told, and then never again."""
    assert not node.stopping
    list_once = iter(node.messages("in"))
    del list_once
    node.ready()
    while True:
        time.sleep(0.01)


def polls(node, out):
    poller = zmq.Poller()
    poller.register(node.stopping, zmq.POLLIN)
    node.ready()
    poller.poll()
    time.sleep(60)


def insist(node, out):
    """Ask one that does not answer."""
    node.ready()
    node.socket("ask").request(b"x")
