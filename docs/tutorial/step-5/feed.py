"""Publishes the prices of a file, one after the other, again and again."""

import csv
from pathlib import Path

from orchestrator.node import Node


def main(node: Node, *, interval: float) -> None:
    with Path(__file__).with_name("prices.csv").open() as file:
        prices = list(csv.reader(file))
    ticks, count = node.socket("ticks"), 0
    while not node.stopping.wait(interval):
        symbol, price = prices[count % len(prices)]
        count += 1
        ticks.send(f"{price} {count}".encode(), symbol.encode())
    print(f"sent {count} prices")
