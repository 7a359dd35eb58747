"""A stand-in for an exchange, with invented prices. By hand:

    EXCHANGE_KEY=an-obviously-invented-key python exchange.py --prices tcp://127.0.0.1:7401 --orders tcp://127.0.0.1:7402

It publishes ``SYMBOL PRICE`` as soon as somebody has logged on, and in the end ``EOT`` (the byte 4), again and again.
It answers ``KEY logon`` with ``welcome``, and ``KEY buy SYMBOL PRICE`` or ``sell`` with ``filled``: it fills whatever
it is sent. Who has another key is ``refused``.
"""

from __future__ import annotations

import argparse
import math
import os
import time

import zmq

from orchestrator.node import Node


def main(node: Node, *, count: int, rate: float) -> None:
    """Be the exchange as a node of a mesh."""
    exchange = Exchange(node.socket("prices"), node.socket("orders"), count)
    while not node.stopping:
        exchange.step(rate)
    print(f"{exchange.filled} orders filled")


def by_hand() -> None:
    """Be the exchange as a program of its own, until it is killed."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--prices", required=True)
    arguments.add_argument("--orders", required=True)
    arguments.add_argument("--count", type=int, default=400)
    arguments.add_argument("--rate", type=float, default=400)
    given = arguments.parse_args()
    with zmq.Context() as context, context.socket(zmq.PUB) as prices, context.socket(zmq.REP) as orders:
        prices.bind(given.prices)
        orders.bind(given.orders)
        print("open", flush=True)
        exchange = Exchange(prices, orders, given.count)
        while True:
            exchange.step(given.rate)


class Exchange:
    """One day of trading: ``count`` prices, then it is closed."""

    def __init__(self, prices: zmq.Socket[bytes], orders: zmq.Socket[bytes], count: int) -> None:
        self.filled = 0
        self._prices, self._orders = prices, orders
        self._left = count
        self._open = False
        self._key = os.environ["EXCHANGE_KEY"]

    def step(self, rate: float) -> None:
        """Publish what is due, then answer orders until the next is."""
        if self._open:
            self._prices.send(self._price() if self._left else b"\x04")
            self._left -= self._left > 0
        due = time.monotonic() + (1 / rate if self._left else 0.1)
        while self._orders.poll(max(0, math.ceil((due - time.monotonic()) * 1000))):
            self._orders.send_string(self._answer(*self._orders.recv_string().split()))

    def _price(self) -> bytes:
        """Give the next price: two symbols in turn, each in waves of its own length."""
        symbol, wave = ("AAPL", 40) if self._left % 2 else ("MSFT", 70)
        return f"{symbol} {100 + 10 * math.sin(2 * math.pi * self._left / wave):.2f}".encode()

    def _answer(self, key: str, what: str, *_: str) -> str:
        if key != self._key:
            return "refused: this key is unknown"
        if what == "logon":
            self._open = True
            return "welcome"
        self.filled += 1
        return "filled"


if __name__ == "__main__":
    by_hand()
