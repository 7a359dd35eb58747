from __future__ import annotations

from orchestrator.node import Node


def source(node: Node) -> None:
    jobs = node.socket("jobs")
    number = 0
    while not node.stopping.wait(0.01):
        jobs.send(b"%d" % number)
        number += 1


def streamer(node: Node) -> None:
    backend = node.socket("backend")
    for job in node.messages("frontend"):
        backend.send(job)


def worker(node: Node) -> None:
    print(sum(int(job) for job in node.messages("jobs")))
