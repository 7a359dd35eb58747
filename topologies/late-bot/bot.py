"""Counts prices, and how many of them had been published before it began."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256

from orchestrator.node import Node


def main(node: Node) -> None:
    count: Counter[bytes] = Counter()
    sums = {b"AAPL": sha256(), b"MSFT": sha256()}
    for symbol, price in node.messages("prices"):
        if price == b"begin":
            count[symbol], sums[symbol] = 0, sha256()
            continue
        count[symbol] += 1
        sums[symbol].update(price)
    for symbol, total in sorted(count.items()):
        print(f"{symbol.decode()} {total} prices, digest {sums[symbol].hexdigest()[:12]}")
