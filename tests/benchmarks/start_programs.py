"""A bot that only stands there, wired by us or started by another tool: the same sockets."""

from __future__ import annotations

import os
import sys

import zmq


def feed(node) -> None:
    node.stopping.wait()


def bot(node) -> None:
    node.stopping.wait()


def telling_bot(node, *, ready: str) -> None:
    tell(ready)
    node.stopping.wait()


def tell(ready: str) -> None:
    """Tell a FIFO which process is ready."""
    told = os.open(ready, os.O_WRONLY)
    os.write(told, b"%d\n" % os.getpid())
    os.close(told)


def by_hand() -> None:
    """Wire the bot's sockets, tell the FIFO that it is ready, and stand there."""
    ticks_address, orders_address, ready = sys.argv[1:]
    context = zmq.Context()
    ticks = context.socket(zmq.SUB)
    ticks.setsockopt(zmq.SUBSCRIBE, b"AAPL ")
    ticks.connect(ticks_address)
    orders = context.socket(zmq.PUSH)
    orders.connect(orders_address)
    tell(ready)
    ticks.recv()


if __name__ == "__main__":
    by_hand()
