"""Lets orders out to the exchange, as long as all strategies together hold no more than ``limit`` shares."""

from __future__ import annotations

import os
from collections import Counter

import zmq

from orchestrator.node import Node


def main(node: Node, *, limit: int) -> None:
    gateway = Gateway(node.socket("gateway"), os.environ["EXCHANGE_KEY"])
    gateway.ask("logon", "welcome")

    desk = node.socket("orders")
    held, most = 0, 0
    counts: Counter[str] = Counter()
    for order in node.messages("orders"):
        _, side, symbol, price = order.decode().split()
        if side == "buy" and held >= limit:
            counts["refused"] += 1
            desk.send(b"refused: the limit is reached")
            continue
        gateway.ask(f"{side} {symbol} {price}", "filled")
        held += 1 if side == "buy" else -1
        most = max(most, held)
        counts["filled"] += 1
        desk.send(b"filled")
    print(f"{counts['filled']} orders filled, {counts['refused']} refused; at most {most} of {limit} shares held")


class Gateway:
    """The line to the exchange. Whatever is not as expected there ends the program: it must not go on blindly."""

    def __init__(self, socket: zmq.Socket[bytes], key: str) -> None:
        self._socket, self._key = socket, key

    def ask(self, what: str, expected: str) -> None:
        self._socket.send_string(f"{self._key} {what}")
        answer = self._socket.recv_string()
        if answer != expected:
            raise RuntimeError(f"the exchange answers {what!r} with {answer!r}")
