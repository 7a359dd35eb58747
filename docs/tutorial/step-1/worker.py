"""Receives the prices that it has subscribed to, and prints them."""

from __future__ import annotations

from orchestrator.node import Node


def main(node: Node) -> None:
    count = 0
    for tick in node.messages("ticks"):  # ends when the mesh stops and all that was sent has been read
        symbol, price = tick.decode().split()
        count += 1
        print(f"{symbol} at {price}")
    print(f"{node.process} has received {count} prices")
