"""Answers each question: every order is allowed, after a moment of thought."""

import time

from orchestrator.node import Node


def main(node: Node) -> None:
    answer = node.socket("answer")
    for _ in node.messages("answer"):
        time.sleep(0.02)
        answer.send(b"yes")
