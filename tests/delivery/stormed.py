"""The programs of a mesh whose server binds an edge of each kind, where anybody can connect."""

from __future__ import annotations

import os
from contextlib import suppress

import zmq

from orchestrator.delivery.retry import NoReplyError
from orchestrator.node import Node

KINDS = ("work", "ticks", "prices", "ask")


def client(node: Node) -> None:
    """Send numbers on all edges until it has to stop."""
    number = 0
    while not node.stopping.wait(0.005):
        number += 1
        body = b"%d" % number
        node.socket("work").send(body)
        node.socket("ticks").send(body, b"t")  # type: ignore[arg-type]
        node.socket("prices").send(body, b"t")  # type: ignore[arg-type]
        with suppress(NoReplyError):
            node.socket("ask").request(body)  # type: ignore[attr-defined]


def server(node: Node, *, record: str) -> None:
    """Write down all that comes, a line each: the edge and the message."""
    log = os.open(f"{record}/seen", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    sockets = {kind: node.socket(kind) for kind in KINDS}
    while not node.stopping:
        for kind, socket in sockets.items():
            with suppress(zmq.Again):
                found = socket.recv()
                body = found if isinstance(found, bytes) else found[1]
                os.write(log, kind.encode() + b" " + body.hex().encode() + b"\n")
                if kind == "ask":
                    socket.send(body)
