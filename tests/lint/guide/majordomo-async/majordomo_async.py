from __future__ import annotations

from orchestrator.node import Node

CLIENT, WORKER, READY = b"MDPC01", b"MDPW01", b"\x01"


def client(node: Node, *, requests: int) -> None:
    broker = node.socket("broker")
    for number in range(requests):
        broker.send_multipart([b"", CLIENT, b"echo", b"%d" % number])
    for _ in range(requests):
        broker.recv_multipart()


def broker(node: Node) -> None:
    socket = node.socket("socket")
    worker, early = b"", []
    for sender, _, header, *body in node.multipart("socket"):
        if header == WORKER and body == [READY]:
            worker = sender
            for request in early:
                socket.send_multipart([worker, b"", *request])
        elif header == WORKER:
            socket.send_multipart([body[0], b"", *body[1:]])
        elif worker:
            socket.send_multipart([worker, b"", sender, *body])
        else:
            early.append([sender, *body])


def worker(node: Node) -> None:
    broker = node.socket("broker")
    broker.send_multipart([b"", WORKER, READY])
    for _, *message in node.multipart("broker"):
        broker.send_multipart([b"", WORKER, *message])
