"""Answers each question: every order is allowed, and goes to the book."""

from orchestrator.node import Node


def main(node: Node) -> None:
    answer, audit = node.socket("answer"), node.socket("audit")
    for order in node.messages("answer"):
        audit.send(order)  # it is in the journal now
        answer.send(b"yes")
