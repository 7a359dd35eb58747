"""Shows the last price of each symbol: that of before it began, then what is new."""

from __future__ import annotations

from orchestrator.node import Node


def main(node: Node) -> None:
    last: dict[bytes, bytes] = {}
    for symbol, price in node.messages("closes"):
        if symbol not in last:
            print(f"{symbol.decode()} was at {price.decode()}")
        last[symbol] = price
    for symbol, price in sorted(last.items()):
        print(f"{symbol.decode()} {price.decode()}")
