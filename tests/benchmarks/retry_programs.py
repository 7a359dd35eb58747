"""``ask MODE ADDRESS COUNT`` and ``answer MODE ADDRESS COUNT``: round trips of 64 bytes, and their number a second."""

from __future__ import annotations

import sys
import time

from orchestrator.node import Node

PATIENCE = {"timeout": 5.0, "attempts": 3}
MODES = {"plain": None, "retry": PATIENCE, "deduplicate": PATIENCE | {"deduplicate": True}}


def ask(node: Node, count: int) -> None:
    socket, body = node.socket("talk"), b"x" * 64
    socket.send(body)
    socket.recv()
    began = time.perf_counter()
    for _ in range(count):
        socket.send(body)
        socket.recv()
    print(count / (time.perf_counter() - began))


def answer(node: Node, count: int) -> None:
    socket = node.socket("talk")
    for _ in range(count + 1):
        socket.send(socket.recv())
    print(0)


if __name__ == "__main__":
    role, mode, address, count = sys.argv[1:]
    end = {"type": "REQ", "connect": address} if role == "ask" else {"type": "REP", "bind": address}
    retry = MODES[mode]
    with Node.standalone({"talk": end | ({} if retry is None else {"retry": retry})}) as node:
        (ask if role == "ask" else answer)(node, int(count))
