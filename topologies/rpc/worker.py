"""Answers a number with its prime factors."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.node import Node


def main(node: Node) -> None:
    socket = node.socket("questions")
    answered = 0
    for question in node.messages("questions"):
        socket.send(b" ".join(b"%d" % factor for factor in factors(int(question))))
        answered += 1
    print(f"answered {answered} questions")


def factors(number: int) -> Iterator[int]:
    divisor = 2
    while divisor * divisor <= number:
        while number % divisor == 0:
            yield divisor
            number //= divisor
        divisor += 1
    if number > 1:
        yield number
