from __future__ import annotations

from orchestrator.node import Node


def server(node: Node) -> None:
    answers = node.socket("answers")
    for question in node.messages("answers"):
        answers.send(question)


def client(node: Node) -> None:
    for server in (node.socket("a"), node.socket("b")):
        server.send(b"Hello")
        if server.poll(1000):
            print(server.recv())
            return
    raise TimeoutError("no server answers")
