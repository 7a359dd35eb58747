"""Asks for the prime factors of numbers, one question at a time, and checks each answer."""

from __future__ import annotations

import time
from math import prod
from statistics import median

from orchestrator.node import Node


def main(node: Node, *, requests: int) -> None:
    questions = node.socket("questions")
    seconds: list[float] = []
    for number in range(2 + node.index, 2 + node.index + requests):
        if node.stopping:
            break
        asked = time.perf_counter()
        questions.send(b"%d" % number)
        factors = [int(factor) for factor in questions.recv().split()]
        seconds.append(time.perf_counter() - asked)
        if prod(factors) != number:
            raise ValueError(f"{number} is not the product of {factors}")
    if seconds:
        print(f"{len(seconds)} of {requests} answers, all right; p50 {median(seconds) * 1e6:.0f} us")
