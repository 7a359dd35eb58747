from __future__ import annotations

import threading
from contextlib import suppress
from random import randrange

import zmq

from orchestrator.node import Node


def server(node: Node) -> None:
    updates = node.socket("updates")
    while not node.stopping.wait(0.001):
        updates.send_string(f"{randrange(10000, 10003)} {randrange(-80, 135)}")


def proxy(node: Node) -> None:
    def forward() -> None:
        sockets = node.thread_socket("frontend"), node.thread_socket("backend")
        with suppress(zmq.ContextTerminated), sockets[0], sockets[1]:
            zmq.proxy(*sockets)

    threading.Thread(target=forward, daemon=True).start()
    node.stopping.wait()


def client(node: Node) -> None:
    for update in node.messages("updates"):
        print(update.decode())
