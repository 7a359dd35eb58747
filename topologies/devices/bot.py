"""Counts ticks, and shows the last one of each symbol."""

from __future__ import annotations

from collections import Counter

from orchestrator.node import Node


def main(node: Node) -> None:
    count: Counter[str] = Counter()
    last: dict[str, str] = {}
    for tick in node.messages("ticks"):
        symbol, number = tick.decode().split()
        count[symbol] += 1
        last[symbol] = number
    for symbol, number in sorted(last.items()):
        print(f"{symbol} {count[symbol]} ticks, the last {number}")
