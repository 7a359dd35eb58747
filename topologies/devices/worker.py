"""Has each task priced, and counts them."""

from __future__ import annotations

from orchestrator.node import Node


def main(node: Node) -> None:
    ask, done = node.socket("ask"), 0
    for task in node.messages("tasks"):
        ask.send(task)
        done += int(ask.recv()) == 2 * int(task)
    print(f"{done} tasks")
