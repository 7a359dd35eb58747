"""Programs that talk to a peer for ever, each message with the sender's pid, and print whom they hear."""

from __future__ import annotations

import contextlib
import os
import time

import zmq

from orchestrator.node import Node


def me() -> bytes:
    return b"%d" % os.getpid()


class TappedMessage:
    """Prints a pid when it is not the one of the message before."""

    def __init__(self) -> None:
        self._last = b""

    def __call__(self, pid: bytes) -> None:
        if pid != self._last:
            print("heard", pid.decode(), flush=True)
            self._last = pid


def send(node: Node, *, peer: str, other: str) -> None:
    socket = node.socket("talk")
    while not node.stopping.wait(0.002):
        with contextlib.suppress(zmq.Again):
            socket.send(me(), zmq.DONTWAIT)


def receive(node: Node, *, peer: str, other: str) -> None:
    heard = TappedMessage()
    if node.socket("talk").type == zmq.XSUB:
        node.socket("talk").send(b"\x01")
    for message in node.messages("talk"):
        heard(message)


def ask(node: Node, *, peer: str, other: str) -> None:
    """Ask again and again; an answer that does not come within 100 ms is not waited for."""
    socket, heard = node.socket("talk"), TappedMessage()
    socket.rcvtimeo = socket.sndtimeo = 100
    delimiter = [b""] if socket.type == zmq.DEALER and peer == "REP" else []
    while not node.stopping:
        try:
            socket.send_multipart([*delimiter, me()])
            heard(socket.recv_multipart()[-1])
        except zmq.Again:
            pass
        time.sleep(0.002)


def answer(node: Node, *, peer: str, other: str) -> None:
    socket, heard = node.socket("talk"), TappedMessage()
    for *envelope, message in node.multipart("talk"):
        heard(message)
        socket.send_multipart([*envelope, me()])


def talk(node: Node, *, peer: str, other: str) -> None:
    """Speak and listen, in no order; a ROUTER names its peer."""
    socket, heard = node.socket("talk"), TappedMessage()
    envelope = [other.encode()] if socket.type == zmq.ROUTER else []
    while not node.stopping:
        with contextlib.suppress(zmq.Again):
            socket.send_multipart([*envelope, me()], zmq.DONTWAIT)
        while socket.poll(2):
            heard(socket.recv_multipart()[-1])
