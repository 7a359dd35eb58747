"""Asks for leave to buy at each price; says so every STEP orders."""

import os

from orchestrator.node import Node


def main(node: Node) -> None:
    ask, allowed, step = node.socket("ask"), 0, int(os.environ["STEP"])
    print(f"step {step}")
    for topic, tick in node.messages("ticks"):
        price, _ = tick.decode().split()
        ask.send(f"{node.process} buys {topic.decode()} at {price}".encode())
        allowed += ask.recv() == b"yes"
        if allowed % step == 1:
            print(f"{allowed} orders allowed")
