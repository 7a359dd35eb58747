"""Gives each request to a worker that is free, and each answer to who asked; what no worker has time for waits here.

A worker says ``free`` when it has loaded its model, and with each answer. So a slow one gets fewer requests, which
taking turns would not do.
"""

from __future__ import annotations

from collections import Counter, deque

import zmq

from orchestrator.node import Node


def main(node: Node) -> None:
    requests, work = node.socket("requests"), node.socket("work")
    waiting: deque[list[bytes]] = deque()
    free: deque[bytes] = deque()
    answered: Counter[bytes] = Counter()
    poller = zmq.Poller()
    for source in (requests, work, node.stopping):
        poller.register(source, zmq.POLLIN)

    while not node.stopping:
        ready = dict(poller.poll())
        if requests in ready:
            waiting.append(requests.recv_multipart())
        if work in ready:
            worker, *answer = work.recv_multipart()
            if answer != [b"free"]:
                answered[worker] += 1
                requests.send_multipart(answer)
            free.append(worker)
        while free and waiting:
            work.send_multipart([free.popleft(), *waiting.popleft()])

    for worker, count in sorted(answered.items()):
        print(f"{worker.decode()} answered {count} requests")
