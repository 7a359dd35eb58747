from __future__ import annotations

from orchestrator.node import Node


def sink(node: Node) -> None:
    requests = node.socket("requests")
    for _ in range(2):
        peer, _, text = requests.recv_multipart()
        print(peer, text)
        requests.send_multipart([peer, b"", b"ok"])


def peer(node: Node, *, text: str) -> None:
    requests = node.socket("requests")
    requests.send_string(text)
    requests.recv()
