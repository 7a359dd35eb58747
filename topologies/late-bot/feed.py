"""Publishes daily closing prices: the topic is the symbol, the body ``DATE PRICE``."""

from __future__ import annotations

import csv
import time
from pathlib import Path

from orchestrator.node import Node


def main(node: Node, *, file: str, rate: float) -> None:
    prices, closes = node.socket("prices"), node.socket("closes")
    with Path(file).open(newline="") as rows:
        published = [(row["symbol"].encode(), f"{row['date']} {row['close']}".encode()) for row in csv.DictReader(rows)]
    prices.send(b"begin", b"AAPL")  # what was published in an earlier run is kept too
    prices.send(b"begin", b"MSFT")
    started = time.monotonic()
    for number, (symbol, close) in enumerate(published):
        ahead = started + number / rate - time.monotonic()
        if ahead > 0 and node.stopping.wait(ahead):
            return
        prices.send(close, symbol)
        closes.send(close, symbol)
    print(f"{len(published)} prices are out")
