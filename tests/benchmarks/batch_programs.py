"""Sends or receives in Python: ``batch_programs.py send|receive MODE ADDRESS COUNT SIZE FRAME``; as batch_program.c.

MODE is plain, single or many: a plain socket, a batched edge by ``send`` and ``recv``, or by ``send_many`` and
``recv_many``. Or, for latencies, ``ping MODE ADDRESS COUNT SIZE FRAME``: COUNT messages 10 ms apart.
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


def ping(socket, count: int) -> None:
    for _ in range(count):
        time.sleep(0.01)
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
    sends = role in ("send", "ping")
    options = {"type": "PUSH", "bind": address} if sends else {"type": "PULL", "connect": address}
    if mode != "plain":
        options["batch"] = {"messages": frame, "bytes": frame * size, "delay": 0.001}
    with Node.standalone({"s": options | {"sndhwm": 0, "rcvhwm": 0}}, grace=20.0) as node:
        socket = node.socket("s")
        if sends:
            getattr(socket, "raw", socket).poll(60_000, 2)
        match role:
            case "send":
                send(socket, mode, count, size, frame)
            case "receive":
                receive(socket, mode, count)
            case "ping":
                ping(socket, count)
            case "pong":
                pong(socket, count)


if __name__ == "__main__":
    main()
