"""Writes each fill into a ledger, and says at the end which orders are there, missing, or there twice."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from pathlib import Path

from fate import beside_wiring, tempt

from orchestrator.node import Node


def main(node: Node, *, shops: int, orders: int, fate: float, ledger: str = "") -> None:
    socket = node.socket("fills")
    books = Ledger(Path(ledger) if ledger else beside_wiring("ledger"))
    while not node.stopping and books.complete(orders) < shops:
        books.write(socket.recv().decode())
        tempt(fate / 10)
    socket.ack()  # the last one too: nobody asks for another
    for line in books.report(orders):
        print(line)


class Ledger:
    """Fills by shop and run, in a file to which one write adds a line: kill -9 cannot tear it."""

    def __init__(self, path: Path) -> None:
        self._orders: dict[str, Counter[int]] = defaultdict(Counter)
        self._by: Counter[str] = Counter()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        for line in path.read_text().splitlines():
            self._count(line)

    def write(self, fill: str) -> None:
        os.write(self._file, f"{fill}\n".encode())
        self._count(fill)

    def complete(self, orders: int) -> int:
        """Count the shops of which all orders are there."""
        return sum(len(found) == orders for found in self._orders.values())

    def report(self, orders: int) -> list[str]:
        lines = []
        for shop, found in sorted(self._orders.items()):
            twice = found.total() - len(found)
            lines.append(f"{shop.split()[0]} {len(found)} orders, {orders - len(found)} missing, {twice} twice")
        return [*lines, *(f"{book} filled {count}" for book, count in sorted(self._by.items()))]

    def _count(self, fill: str) -> None:
        shop, run, number, _, book = fill.split()
        self._orders[f"{shop} {run}"][int(number)] += 1
        self._by[book] += 1
