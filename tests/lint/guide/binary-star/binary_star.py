from __future__ import annotations

import time

import zmq

from orchestrator.node import Node

HEARTBEAT = 1.0


def server(node: Node, *, primary: bool) -> None:
    statepub, statesub, frontend = node.socket("statepub"), node.socket("statesub"), node.socket("frontend")
    active, peer_until = primary, 0.0
    beat = time.monotonic()
    poller = zmq.Poller()
    for source in (statesub, frontend, node.stopping):
        poller.register(source, zmq.POLLIN)
    while not node.stopping:
        ready = dict(poller.poll(100))
        if statesub in ready:
            peer_active = statesub.recv() == b"active"
            peer_until = time.monotonic() + 2 * HEARTBEAT
            if active and peer_active and not primary:
                active = False
        if frontend in ready:
            request = frontend.recv_multipart()
            if not active and time.monotonic() > peer_until:
                active = True
            if active:
                frontend.send_multipart(request)
        if time.monotonic() >= beat:
            beat += HEARTBEAT
            statepub.send(b"active" if active else b"passive")


def client(node: Node) -> None:
    servers = [node.socket("primary"), node.socket("backup")]
    for sequence in range(1000):
        for server in servers:
            server.send(b"%d" % sequence)
            if server.poll(2500):
                server.recv()
                break
        else:
            raise TimeoutError("neither server answers")
