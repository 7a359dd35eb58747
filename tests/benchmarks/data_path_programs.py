"""Sender and receiver of the data path's measurement, wired by us or by hand: the same code on plain sockets."""

from __future__ import annotations

import json
import os
import sys
import time

import zmq

CORES = os.sched_getaffinity(0)
MESSAGES = 50_000
BODY = b"x" * 64
SENDING, RECEIVING = 0, 1
"""Cores of the two sides: left to the scheduler, where threads happen to land outweighs all else."""


def pin(core: int) -> None:
    """Keep this process, with the I/O threads that libzmq has started, on one core."""
    for thread in os.listdir("/proc/self/task"):
        os.sched_setaffinity(int(thread), {sorted(CORES)[core % len(CORES)]})


def send(context: zmq.Context, socket: zmq.Socket, commands: str) -> None:
    """Send a round each time somebody asks for one; answer with its begin (CLOCK_MONOTONIC, ns)."""
    asked = context.socket(zmq.REP)
    asked.bind(commands)
    pin(SENDING)
    while asked.recv() == b"go":
        begin = time.monotonic_ns()
        each = socket.send
        for _ in range(MESSAGES):
            each(BODY)
        asked.send(str(begin).encode())


def receive(context: zmq.Context, socket: zmq.Socket, results: str, count: int) -> None:
    """Receive rounds of ``count`` messages; tell the end of each."""
    told = context.socket(zmq.PUSH)
    told.connect(results)
    pin(RECEIVING)
    while True:
        each = socket.recv
        for _ in range(count):
            each()
        told.send(str(time.monotonic_ns()).encode())


def sender(node, commands: str) -> None:
    send(node.context, node.socket("out"), commands)


def receiver(node, results: str, count: int) -> None:
    receive(node.context, node.socket("in"), results, count)


def by_hand() -> None:
    """Be one of the hand-wired scripts: role, type, bind or connect, address, side address, count."""
    role, kind, how, address, side, count = sys.argv[1:]
    context = zmq.Context()
    socket = context.socket(getattr(zmq, kind))
    socket.setsockopt(zmq.SNDHWM, 0)
    socket.setsockopt(zmq.RCVHWM, 0)
    if kind == "SUB":
        socket.setsockopt(zmq.SUBSCRIBE, b"")
    getattr(socket, how)(address)
    print(json.dumps({"pid": os.getpid()}), flush=True)
    if role == "send":
        send(context, socket, side)
    else:
        receive(context, socket, side, int(count))


if __name__ == "__main__":
    by_hand()
