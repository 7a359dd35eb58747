from __future__ import annotations

import time
from random import randrange

import zmq

from orchestrator.node import Node


def server(node: Node, *, primary: bool) -> None:
    statepub, statesub = node.socket("statepub"), node.socket("statesub")
    snapshots, updates = node.socket("snapshots"), node.socket("updates")
    collector, peer = node.socket("collector"), node.socket("peer")
    values: dict[bytes, bytes] = {}
    active, peer_until, beat = primary, 0.0, time.monotonic()
    poller = zmq.Poller()
    for source in (statesub, snapshots, collector, peer, node.stopping):
        poller.register(source, zmq.POLLIN)
    while not node.stopping:
        ready = dict(poller.poll(100))
        if statesub in ready:
            statesub.recv()
            peer_until = time.monotonic() + 2
        if collector in ready:
            key, value = collector.recv_multipart()
            active = active or time.monotonic() > peer_until
            values[key] = value
            if active:
                updates.send_multipart([key, value])
        if peer in ready:
            key, value = peer.recv_multipart()
            values[key] = value
        if snapshots in ready:
            client, *_ = snapshots.recv_multipart()
            if active:
                for key, value in values.items():
                    snapshots.send_multipart([client, key, value])
                snapshots.send_multipart([client, b"KTHXBAI", b""])
        if time.monotonic() >= beat:
            beat += 1
            statepub.send(b"active" if active else b"passive")


def client(node: Node) -> None:
    updates, changes = node.socket("updates"), node.socket("changes")
    values: dict[bytes, bytes] = {}
    for snapshot in (node.socket("primary-snapshot"), node.socket("backup-snapshot")):
        snapshot.send(b"ICANHAZ?")
        while snapshot.poll(1000):
            key, value = snapshot.recv_multipart()
            if key == b"KTHXBAI":
                break
            values[key] = value
    while not node.stopping:
        if updates.poll(1000):
            key, value = updates.recv_multipart()
            values[key] = value
        changes.send_multipart([b"/client/%d" % randrange(10_000), b"%d" % randrange(1_000_000)])
