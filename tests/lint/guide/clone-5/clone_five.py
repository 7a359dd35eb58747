from __future__ import annotations

import time
from random import randrange

import zmq

from orchestrator.node import Node


def server(node: Node) -> None:
    snapshots, updates, collector = node.socket("snapshots"), node.socket("updates"), node.socket("collector")
    values: dict[bytes, bytes] = {}
    ends: dict[bytes, float] = {}
    poller = zmq.Poller()
    for source in (snapshots, collector, node.stopping):
        poller.register(source, zmq.POLLIN)
    while not node.stopping:
        ready = dict(poller.poll(1000))
        if collector in ready:
            key, value, seconds = collector.recv_multipart()
            values[key] = value
            ends[key] = time.monotonic() + int(seconds)
            updates.send_multipart([key, value])
        for key in [key for key, end in ends.items() if end < time.monotonic()]:
            del values[key], ends[key]
            updates.send_multipart([key, b""])
        if snapshots in ready:
            client, *_ = snapshots.recv_multipart()
            for key, value in values.items():
                snapshots.send_multipart([client, key, value])
            snapshots.send_multipart([client, b"KTHXBAI", b""])


def client(node: Node) -> None:
    snapshot, updates, changes = node.socket("snapshot"), node.socket("updates"), node.socket("changes")
    values: dict[bytes, bytes] = {}
    snapshot.send(b"ICANHAZ?")
    while (entry := snapshot.recv_multipart())[0] != b"KTHXBAI":
        values[entry[0]] = entry[1]
    while not node.stopping:
        if updates.poll(1000):
            key, value = updates.recv_multipart()
            values[key] = value
        changes.send_multipart([b"/client/%d" % randrange(10_000), b"%d" % randrange(1_000_000), b"30"])
