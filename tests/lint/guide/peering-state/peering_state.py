from __future__ import annotations

from random import randrange

from orchestrator.node import Node


def broker(node: Node) -> None:
    statebe, statefe = node.socket("statebe"), node.socket("statefe")
    while not node.stopping:
        if statefe.poll(1000):
            peer, free = statefe.recv_string().split()
            print(f"{peer}: {free} workers free")
        else:
            statebe.send_string(f"{node.process} {randrange(10)}")
