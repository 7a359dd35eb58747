"""Follows the price of a symbol."""

from orchestrator.node import Node


def main(node: Node) -> None:
    count = 0
    for tick in node.messages("ticks"):  # ends when the mesh stops and everything was read
        symbol, price, number = tick.decode().split()
        count += 1
        if count == 1:
            print(f"first price {symbol} {price}, number {number}")
    print(f"received {count} prices")
