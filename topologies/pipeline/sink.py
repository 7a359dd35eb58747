"""Counts results until all are in, and says who did how much."""

from __future__ import annotations

from collections import Counter

from orchestrator.node import Node


def main(node: Node, *, tasks: int) -> None:
    done: Counter[str] = Counter()
    longest, start = 0, 1
    for result in node.messages("results"):
        worker, number, steps = result.decode().split()
        done[worker] += 1
        longest, start = max((longest, start), (int(steps), int(number)))
        if done.total() == tasks:
            break

    for worker, count in sorted(done.items()):
        print(f"{worker} {count} results")
    print(f"{done.total()} of {tasks} results; the longest way to 1 has {longest} steps, from {start}")
