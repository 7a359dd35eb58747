"""Pass messages from socket to socket until the node has to stop."""

from __future__ import annotations

from collections.abc import Callable

import zmq

from orchestrator.node import Node

BURST = 100
"""Messages that are passed on before the other direction has its turn."""

Hand = Callable[[list[bytes]], object]
"""Takes the parts of a message."""


def both_ways(node: Node, hands: dict[str, Hand]) -> None:
    """Return what arrives at each socket to its hand, until the node has to stop."""
    poller = zmq.Poller()
    poller.register(node.stopping, zmq.POLLIN)
    sockets = {node.socket(name): hand for name, hand in hands.items()}
    for socket in sockets:
        poller.register(socket, zmq.POLLIN)
    while not node.stopping:
        ready = dict(poller.poll())
        for socket, hand in sockets.items():
            if socket in ready:
                _burst(socket, hand)


def _burst(socket: zmq.Socket[bytes], hand: Hand) -> None:
    for _ in range(BURST):
        try:
            parts = socket.recv_multipart(zmq.DONTWAIT)
        except zmq.Again:
            return
        hand(parts)
