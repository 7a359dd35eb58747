from __future__ import annotations

import zmq

from orchestrator.node import Node


def ventilator(node: Node, *, tasks: int) -> None:
    out = node.socket("tasks")
    for number in range(tasks):
        out.send(b"%d" % number)


def worker(node: Node) -> None:
    tasks, results, control = node.socket("tasks"), node.socket("results"), node.socket("control")
    poller = zmq.Poller()
    for source in (tasks, control, node.stopping):
        poller.register(source, zmq.POLLIN)
    while not node.stopping:
        ready = dict(poller.poll())
        if tasks in ready:
            results.send(tasks.recv())
        if control in ready:
            return


def sink(node: Node, *, tasks: int) -> None:
    results = node.socket("results")
    print(sum(int(results.recv()) for _ in range(tasks)))
    node.socket("control").send(b"KILL")
