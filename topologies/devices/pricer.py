"""Answers with twice the number."""

from __future__ import annotations

from orchestrator.node import Node


def main(node: Node) -> None:
    answer = node.socket("answer")
    for task in node.messages("answer"):
        answer.send(b"%d" % (2 * int(task)))
