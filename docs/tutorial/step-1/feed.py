"""Publishes a made-up price now and then."""

from __future__ import annotations

import random

from orchestrator.node import Node


def main(node: Node, *, interval: float) -> None:
    ticks = node.socket("ticks")  # a plain zmq.Socket: a PUB, bound as topology.yaml says
    prices = {"AAPL": 130.0, "MSFT": 27.0, "IBM": 190.0}
    # Wired already: all subscribers are there, so the first message is not lost.
    while not node.stopping.wait(interval):  # seconds; true once the mesh is to end
        symbol = random.choice(list(prices))
        prices[symbol] += random.gauss(0.0, 0.1)
        ticks.send(f"{symbol} {prices[symbol]:.2f}".encode())
