from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from orchestrator.node import Node


def client(node: Node) -> None:
    broker = node.socket("broker")
    status, ticket = b"501", b""
    while status != b"200":  # until the service is there
        broker.send_multipart([b"titanic.request", b"Hello"])
        status, ticket = broker.recv_multipart()
    while not node.stopping.wait(0.5):
        broker.send_multipart([b"titanic.reply", ticket])
        status, *answer = broker.recv_multipart()
        if status == b"200":
            print(answer)
            return


def broker(node: Node) -> None:
    """Pass requests to the service of that name, and answers back to who asked."""
    socket = node.socket("socket")
    services: dict[bytes, bytes] = {}
    for sender, _, name, *body in node.multipart("socket"):
        if not body:
            services[name] = sender
        elif name in services:
            socket.send_multipart([services[name], b"", sender, *body])
        elif name == b"answer":
            socket.send_multipart([body[0], b"", *body[1:]])
        else:
            socket.send_multipart([sender, b"", b"501", b""])


def request(node: Node, *, folder: str) -> None:
    broker, pipe = node.socket("broker"), node.socket("pipe")
    Path(folder).mkdir(exist_ok=True)
    broker.send_multipart([b"", b"titanic.request"])
    for _, client, body in node.multipart("broker"):
        ticket = uuid4().hex
        Path(folder, f"{ticket}.request").write_bytes(body)
        broker.send_multipart([b"", b"answer", client, b"200", ticket.encode()])
        pipe.send_string(ticket)


def reply(node: Node, *, folder: str) -> None:
    broker = node.socket("broker")
    broker.send_multipart([b"", b"titanic.reply"])
    for _, client, ticket in node.multipart("broker"):
        file = Path(folder, f"{ticket.decode()}.reply")
        answer = [b"200", file.read_bytes()] if file.exists() else [b"300", b""]
        broker.send_multipart([b"", b"answer", client, *answer])


def dispatcher(node: Node, *, folder: str) -> None:
    echo = node.socket("echo")
    for ticket in node.messages("pipe"):
        echo.send(Path(folder, f"{ticket.decode()}.request").read_bytes())
        Path(folder, f"{ticket.decode()}.reply").write_bytes(echo.recv())


def echo(node: Node) -> None:
    answers = node.socket("answers")
    for question in node.messages("answers"):
        answers.send(question)
