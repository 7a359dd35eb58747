from __future__ import annotations

import time
from random import random

from orchestrator.node import Node


def broker(node: Node, *, workers: int) -> None:
    socket = node.socket("workers")
    ends, fired = time.monotonic() + 5, 0
    while fired < workers:
        worker, _, _ = socket.recv_multipart()
        over = time.monotonic() > ends
        fired += over
        socket.send_multipart([worker, b"", b"fired" if over else b"work harder"])


def worker(node: Node) -> None:
    work = node.socket("work")
    done = 0
    while True:
        work.send(b"hi boss")
        if work.recv() == b"fired":
            break
        done += 1
        time.sleep(random() / 2)
    print(f"{done} tasks")
