"""Asks for leave to buy at each price."""

from orchestrator.node import Node


def main(node: Node) -> None:
    ask, allowed = node.socket("ask"), 0
    for topic, tick in node.messages("ticks"):
        price, _ = tick.decode().split()
        ask.send(f"{node.process} buys {topic.decode()} at {price}".encode())
        allowed += ask.recv() == b"yes"
        if allowed % 10 == 1:
            print(f"{allowed} orders allowed")
