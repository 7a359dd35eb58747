from __future__ import annotations

from pathlib import Path

from orchestrator.node import Node

CHUNK = 250_000


def server(node: Node, *, file: str) -> None:
    clients = node.socket("clients")
    with Path(file).open("rb") as source:
        for client, offset in node.multipart("clients"):
            source.seek(int(offset))
            clients.send_multipart([client, source.read(CHUNK)])


def client(node: Node, *, credit: int) -> None:
    server = node.socket("server")
    offset = total = 0
    while True:
        while credit:
            server.send(b"%d" % offset)
            offset += CHUNK
            credit -= 1
        chunk = server.recv()
        credit += 1
        total += len(chunk)
        if len(chunk) < CHUNK:
            break
    print(f"{total} bytes")
