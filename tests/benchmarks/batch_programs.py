"""Sends or receives in Python: ``batch_programs.py send|receive MODE ADDRESS COUNT SIZE FRAME``; as batch_program.c.

MODE is plain, single, many or defaults: a plain socket, a batched edge by ``send`` and ``recv``, by ``send_many`` and
``recv_many``, or by ``send`` and ``recv`` with the limits of ``batch: {}``. Or, for latencies,
``ping|pong MODE ADDRESS COUNT SIZE PAUSE``: COUNT messages so many milliseconds apart.
"""

from __future__ import annotations

import sys
import time
from statistics import quantiles

from orchestrator.node import Node


def send(socket, mode: str, count: int, size: int, frame: int) -> None:
    body = bytes(size)
    begin = time.monotonic_ns()
    if mode == "many":
        each, many = socket.send_many, [body] * frame
        for _ in range(count // frame):
            each(many)
    else:
        each = socket.send
        for _ in range(count):
            each(body)
    if mode != "plain":
        socket.flush()
    print(begin, flush=True)


def receive(socket, mode: str, count: int) -> None:
    if mode == "many":
        each, seen = socket.recv_many, 0
        while seen < count:
            seen += len(each())
    else:
        each = socket.recv
        for _ in range(count):
            each()
    print(time.monotonic_ns(), flush=True)


def ping(socket, count: int, pause: int) -> None:
    due = time.monotonic()
    for _ in range(count):
        due += pause / 1000
        time.sleep(max(0.0, due - time.monotonic()))
        socket.send(b"%d" % time.monotonic_ns())
    print(0, flush=True)


def pong(socket, count: int) -> None:
    """Print the median latency in microseconds."""
    taken = []
    for _ in range(count):
        sent = int(socket.recv())
        taken.append(time.monotonic_ns() - sent)
    print(quantiles(taken, n=100)[49] / 1000, flush=True)


def main() -> None:
    role, mode, address, *numbers = sys.argv[1:]
    count, size, frame = map(int, numbers)
    body, pause = size, frame
    sends = role in ("send", "ping")
    options = {"type": "PUSH", "bind": address} if sends else {"type": "PULL", "connect": address}
    if mode == "defaults" or role in ("ping", "pong"):
        frame, size = 256, 256
    if mode != "plain":
        options["batch"] = {"messages": frame, "bytes": frame * size, "delay": 0.001}
    with Node.standalone({"s": options | {"sndhwm": 0, "rcvhwm": 0}}, grace=20.0) as node:
        socket = node.socket("s")
        if sends:
            getattr(socket, "raw", socket).poll(60_000, 2)
        match role:
            case "send":
                send(socket, mode, count, body, frame)
            case "receive":
                receive(socket, mode, count)
            case "ping":
                ping(socket, count, pause)
            case "pong":
                pong(socket, count)


if __name__ == "__main__":
    main()
