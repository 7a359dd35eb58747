"""Sends orders, ``SHOP RUN NUMBER QUANTITY``. It is killed again and again, and goes on behind the last one."""

from __future__ import annotations

import os
from pathlib import Path

from fate import beside_wiring, tempt

from orchestrator.node import Node


def main(node: Node, *, orders: int, fate: float, bookmark: str = "") -> None:
    socket = node.socket("orders")
    mark = Bookmark(Path(bookmark) if bookmark else beside_wiring("bookmark"))
    for number in range(mark.next(), orders):
        if node.stopping:
            return
        # A death before ``send`` returns: the order may be in the journal or not, and is sent again.
        socket.send(f"{node.process} {mark.run} {number} {number % 100 + 1}".encode())
        mark.write(number + 1)
        tempt(fate)
    print(f"{orders} orders are out")


class Bookmark:
    """Which run of the mesh this is, and the next order's number: twelve bytes that kill -9 cannot tear."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not os.pread(self._file, 4, 0):
            os.pwrite(self._file, os.urandom(4) + bytes(8), 0)
        self.run = os.pread(self._file, 4, 0).hex()

    def next(self) -> int:
        return int.from_bytes(os.pread(self._file, 8, 4), "little")

    def write(self, number: int) -> None:
        os.pwrite(self._file, number.to_bytes(8, "little"), 4)
