"""Passes each order to the exchange and to the book."""

import zmq

from orchestrator.node import Node


def main(node: Node) -> None:
    answer, audit, gateway = node.socket("answer"), node.socket("audit"), node.socket("gateway")
    for order in node.messages("answer"):
        gateway.send(order)
        try:
            reply = gateway.recv()
        except zmq.Again:  # its rcvtimeo is over
            reply = b"no answer"
        audit.send(order + b": " + reply)
        answer.send(b"yes" if reply == b"filled" else b"no")
