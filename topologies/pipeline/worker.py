"""Counts the steps from a number to 1: halve it where it is even, else triple it and add one (Collatz)."""

from __future__ import annotations

from orchestrator.node import Node


def main(node: Node) -> None:
    results = node.socket("results")
    for task in node.messages("tasks"):
        number = int(task)
        results.send(f"{node.process} {number} {steps(number)}".encode())


def steps(number: int) -> int:
    count = 0
    while number != 1:
        number = number * 3 + 1 if number % 2 else number // 2
        count += 1
    return count
