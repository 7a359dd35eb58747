"""The two processes of one run of ``durable``: ``ROLE MODE PLACE COUNT``; each prints when it began and ended."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import time
from pathlib import Path

import zmq

from orchestrator.node import Node

BODY = b"x" * 64
MANY = 256
SOCKET = {"fsync": 1.0}
TOPIC = b"AAPL"


def send(mode: str, place: str, count: int) -> None:
    """Send, and wait until all is taken where that can be known."""
    if mode in ("plain", "publish", "publish-parts"):
        with zmq.Context() as context, context.socket(zmq.PUSH if mode == "plain" else zmq.XPUB) as socket:
            socket.sndhwm = 0 if mode != "plain" else 1000
            socket.linger = -1
            socket.connect(f"ipc://{place}/socket")
            _wait(place)
            if mode == "plain":
                time.sleep(0.1)
            else:
                socket.recv()  # the subscription
            began = time.monotonic()
            if mode == "plain":
                for _ in range(count):
                    socket.send(BODY)
            elif mode == "publish":
                for _ in range(count):
                    socket.send(TOPIC + b" " + BODY)
            else:
                for _ in range(count):
                    socket.send_multipart((TOPIC, BODY))
            print(began)
        return
    if mode.startswith("replay"):
        given = {"type": "PUB", "connect": f"ipc://{place}/socket", "sndhwm": 0}
        given["replay"] = {"keep": 1 << 30, "side": f"ipc://{place}/side"}
        with Node.standalone({"out": given}, name="p", journals=f"{place}/journals", grace=60) as node:
            socket = node.socket("out")
            _wait(place)
            time.sleep(0.1)
            began = time.monotonic()
            if mode == "replay":
                for _ in range(count):
                    socket.send(BODY, TOPIC)
            else:
                block = [BODY] * MANY
                for _ in range(count // MANY):
                    socket.send_many(block, TOPIC)
            print(began)
        return
    durable = {"receivers": ["w.in"]} | SOCKET
    given = {"type": "PUSH", "connect": f"ipc://{place}/socket", "durable": durable}
    with Node.standalone({"out": given}, name="p", journals=f"{place}/journals", grace=60) as node:
        socket = node.socket("out")
        _wait(place)
        time.sleep(0.1)
        began = time.monotonic()
        if mode == "durable":
            for _ in range(count):
                socket.send(BODY)
        else:
            block = [BODY] * MANY
            for _ in range(count // MANY):
                socket.send_many(block)
        while socket.unacknowledged:
            time.sleep(0.001)
        print(began)


def receive(mode: str, place: str, count: int) -> None:
    """Receive all; print when the last one was there."""
    address = f"ipc://{place}/socket"
    if mode in ("plain", "publish", "publish-parts"):
        with zmq.Context() as context, context.socket(zmq.PULL if mode == "plain" else zmq.SUB) as socket:
            socket.rcvhwm = 0 if mode != "plain" else 1000
            if mode != "plain":
                socket.subscribe(b"AAPL")
            socket.bind(address)
            Path(place, "ready").touch()
            get = socket.recv_multipart if mode == "publish-parts" else socket.recv
            for _ in range(count):
                get()
            print(time.monotonic())
        return
    if mode.startswith("replay"):
        given = {"type": "SUB", "bind": address, "subscribe": "AAPL", "rcvhwm": 0}
        given["replay"] = {"from": "beginning", "publishers": {"p.out": f"ipc://{place}/side"}}
    else:
        given = {"type": "PULL", "bind": address, "durable": SOCKET}
    with Node.standalone({"in": given}, name="w", journals=f"{place}/journals") as node:
        socket = node.socket("in")
        Path(place, "ready").touch()
        if mode.endswith("many"):
            got = 0
            while got < count:
                got += len(socket.recv_many())
        else:
            for _ in range(count):
                socket.recv()
        if hasattr(socket, "ack"):
            socket.ack()
        print(time.monotonic())


def redis_send(place: str, count: int) -> None:
    import redis

    client = redis.Redis(unix_socket_path=f"{place}/redis")
    _wait(place)
    began = time.monotonic()
    for _ in range(count // 500):
        pipe = client.pipeline(transaction=False)
        for _ in range(500):
            pipe.xadd("orders", {b"b": BODY})
        pipe.execute()
    print(began)


def redis_receive(place: str, count: int) -> None:
    import redis

    client = redis.Redis(unix_socket_path=f"{place}/redis")
    client.xgroup_create("orders", "books", id="0", mkstream=True)
    Path(place, "ready").touch()
    got = 0
    while got < count:
        for _, entries in client.xreadgroup("books", "book", {"orders": ">"}, count=2000, block=1000) or ():
            got += len(entries)
            client.xack("orders", "books", *[number for number, _ in entries])
    print(time.monotonic())


async def jetstream_send(place: str, count: int) -> None:
    import nats

    client = await nats.connect(_nats(place), pending_size=64 << 20)
    js = client.jetstream(publish_async_max_pending=4000)
    _wait(place)
    began = time.monotonic()
    for number in range(count):
        await js.publish_async("orders", BODY)
        if number % 1000 == 0:
            await asyncio.sleep(0)
    await js.publish_async_completed()
    await client.close()
    print(began)


async def jetstream_receive(place: str, count: int) -> None:
    import nats
    from nats.js.api import AckPolicy, ConsumerConfig

    client = await nats.connect(_nats(place))
    js = client.jetstream()
    await js.add_stream(name="orders", subjects=["orders"])
    config = ConsumerConfig(ack_policy=AckPolicy.ALL, max_ack_pending=20_000)
    subscription = await js.pull_subscribe("orders", "books", config=config)
    Path(place, "ready").touch()
    got = 0
    while got < count:
        try:
            found = await subscription.fetch(500, timeout=5)
        except nats.errors.TimeoutError:
            continue
        got += len(found)
        await found[-1].ack()
    await client.close()
    print(time.monotonic())


def sqlite_send(place: str, count: int) -> None:
    _wait(place)
    base = _base(place)
    began = time.monotonic()
    for _ in range(count // MANY):
        with base:
            base.executemany("INSERT INTO orders (body) VALUES (?)", [(BODY,)] * MANY)
    print(began)


def sqlite_receive(place: str, count: int) -> None:
    base = _base(place)
    base.execute("CREATE TABLE orders (number INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB)")
    Path(place, "ready").touch()
    got = 0
    while got < count:
        found = base.execute("SELECT number, body FROM orders ORDER BY number LIMIT 2000").fetchall()
        if found:
            with base:
                base.execute("DELETE FROM orders WHERE number <= ?", (found[-1][0],))
            got += len(found)
        else:
            time.sleep(0.001)
    print(time.monotonic())


def _base(place: str) -> sqlite3.Connection:
    base = sqlite3.connect(f"{place}/base", timeout=60, isolation_level="IMMEDIATE")
    base.execute("PRAGMA journal_mode=WAL")
    base.execute("PRAGMA synchronous=NORMAL")
    return base


def _nats(place: str) -> str:
    return Path(place, "nats").read_text()


def _wait(place: str) -> None:
    while not Path(place, "ready").exists():
        time.sleep(0.001)


OTHERS = {
    ("send", "redis"): redis_send,
    ("receive", "redis"): redis_receive,
    ("send", "sqlite"): sqlite_send,
    ("receive", "sqlite"): sqlite_receive,
    ("send", "jetstream"): lambda place, count: asyncio.run(jetstream_send(place, count)),
    ("receive", "jetstream"): lambda place, count: asyncio.run(jetstream_receive(place, count)),
}

if __name__ == "__main__":
    role, mode, place, count = sys.argv[1:]
    if (role, mode) in OTHERS:
        OTHERS[role, mode](place, int(count))
    else:
        (send if role == "send" else receive)(mode, place, int(count))
