from __future__ import annotations

from orchestrator.node import Node


def server(node: Node) -> None:
    clients = node.socket("clients")
    for client, control, *_ in node.multipart("clients"):
        clients.send_multipart([client, b"PONG" if control == b"PING" else control, b"OK"])


def client(node: Node) -> None:
    servers = node.socket("servers")
    known = [b"server-0", b"server-1", b"server-2"]
    for sequence in range(10_000):
        for server in known:
            servers.send_multipart([server, b"%d" % sequence, b"random name"])
            if servers.poll(1000):
                servers.recv_multipart()
                break
            servers.send_multipart([server, b"PING"])
        else:
            raise TimeoutError("no server answers")
