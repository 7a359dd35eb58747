from __future__ import annotations

from orchestrator.node import Node


def server(node: Node) -> None:
    answers = node.socket("answers")
    for sequence, _ in node.multipart("answers"):
        answers.send_multipart([sequence, b"OK"])


def client(node: Node, *, servers: int) -> None:
    socket = node.socket("servers")
    for sequence in range(10_000):
        for _ in range(servers):
            socket.send_multipart([b"", b"%d" % sequence, b"random name"])
        while socket.poll(2500):
            _, answered, _ = socket.recv_multipart()
            if int(answered) == sequence:
                break
        else:
            raise TimeoutError("no server answers")
