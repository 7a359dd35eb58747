from __future__ import annotations

import time
from random import randint

from orchestrator.node import Node


def ventilator(node: Node, *, tasks: int) -> None:
    node.socket("start").send(b"0")
    out = node.socket("tasks")
    for _ in range(tasks):
        out.send(b"%d" % randint(1, 100))


def worker(node: Node) -> None:
    results = node.socket("results")
    for milliseconds in node.messages("tasks"):
        time.sleep(int(milliseconds) / 1000)
        results.send(b"")


def sink(node: Node, *, tasks: int) -> None:
    results = node.socket("results")
    results.recv()
    began = time.monotonic()
    for _ in range(tasks):
        results.recv()
    print(f"{tasks} tasks in {time.monotonic() - began:.1f} s")
