from __future__ import annotations

import time
from random import randrange

import zmq

from orchestrator.node import Node


def server(node: Node) -> None:
    snapshots, updates, collector = node.socket("snapshots"), node.socket("updates"), node.socket("collector")
    values: dict[bytes, bytes] = {}
    poller = zmq.Poller()
    for source in (snapshots, collector, node.stopping):
        poller.register(source, zmq.POLLIN)
    while not node.stopping:
        ready = dict(poller.poll(1000))
        if collector in ready:
            key, value = collector.recv().split()
            values[key] = value
            updates.send(b"%b %b" % (key, value))
        if snapshots in ready:
            client, _, subtree = snapshots.recv_multipart()
            for key, value in values.items():
                if key.startswith(subtree):
                    snapshots.send_multipart([client, key, value])
            snapshots.send_multipart([client, b"KTHXBAI", subtree])


def client(node: Node, *, subtree: str) -> None:
    snapshot, updates, changes = node.socket("snapshot"), node.socket("updates"), node.socket("changes")
    values: dict[bytes, bytes] = {}
    snapshot.send_multipart([b"ICANHAZ?", subtree.encode()])
    while (entry := snapshot.recv_multipart())[0] != b"KTHXBAI":
        values[entry[0]] = entry[1]
    alarm = time.monotonic() + 1
    while not node.stopping:
        if updates.poll(max(0, alarm - time.monotonic()) * 1000):
            key, value = updates.recv().split()
            values[key] = value
        else:
            changes.send_string(f"{subtree}{randrange(10_000)} {randrange(1_000_000)}")
            alarm = time.monotonic() + 1
