"""Follows the price of a symbol."""

from orchestrator.node import Node


def main(node: Node) -> None:
    count = 0
    for topic, tick in node.messages("ticks"):
        price, number = tick.decode().split()
        count += 1
        if count == 1:
            print(f"first price {topic.decode()} {price}, number {number}")
    print(f"received {count} prices")
