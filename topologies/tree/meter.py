"""Measures one value and adds what those below it in the tree have: one message in from each, one message out.

A message is ``SUM METERS LEVELS``, of the whole tree below and itself.
"""

from __future__ import annotations

from itertools import islice

from orchestrator.node import Node


def main(node: Node, *, arity: int) -> None:
    total, meters, levels = measure(node.index), 1, 0
    below = range(node.index * arity + 1, min(node.index * arity + arity, node.count - 1) + 1)
    for message in islice(node.messages("below"), len(below)):
        its_total, its_meters, its_levels = (int(field) for field in message.split())
        total, meters, levels = total + its_total, meters + its_meters, max(levels, its_levels)

    upwards = node.socket("total" if node.index == 0 else "above")
    upwards.send(b"%d %d %d" % (total, meters, levels + 1))


def measure(number: int) -> int:
    """Read the meter: here its own number, so that everybody knows the right sum."""
    return number
