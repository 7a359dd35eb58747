"""Publishes daily closing prices as ticks: ``SYMBOL DATE PRICE SEQUENCE SENT``.

SENT is the time of sending, in nanoseconds of CLOCK_MONOTONIC, the same clock for every process of the machine.
"""

from __future__ import annotations

import csv
import os
import time
from pathlib import Path

from orchestrator.node import Node


def main(node: Node, *, file: str, rate: float, bookmark: str = "") -> None:
    """Publish every price of a file, ``rate`` a second (0: at full speed), from where a killed feed stopped."""
    ticks = node.socket("ticks")
    prices = read_prices(Path(file))
    mark = Bookmark(Path(bookmark) if bookmark else beside_wiring())
    first = mark.read()
    print(f"{len(prices)} prices, from number {first}")
    started = time.monotonic()
    for sequence in range(first, len(prices)):
        ahead = started + (sequence - first) / rate - time.monotonic() if rate else 0
        if ahead > 0:
            node.stopping.wait(ahead)
        if node.stopping:
            return
        ticks.send(b"%b %d %d" % (prices[sequence], sequence, time.monotonic_ns()))
        mark.write(sequence + 1)
    print(f"the last price is out after {time.monotonic() - started:.1f} s")


def read_prices(file: Path) -> list[bytes]:
    """Read ``date,symbol,close`` rows into ``SYMBOL DATE PRICE``, in the order of the file."""
    with file.open(newline="") as rows:
        return [f"{row['symbol']} {row['date']} {row['close']}".encode() for row in csv.DictReader(rows)]


def beside_wiring() -> Path:
    """Give a path in the mesh's run folder: it outlives the process, and goes when the mesh ends."""
    return Path(os.environ["ORCHESTRATOR_WIRING"]).with_name("bookmark")


class Bookmark:
    """The number of the next price, in a file of eight bytes that one write replaces: kill -9 cannot tear it."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def read(self) -> int:
        return int.from_bytes(os.pread(self._file, 8, 0), "little")

    def write(self, number: int) -> None:
        os.pwrite(self._file, number.to_bytes(8, "little"), 0)
