from __future__ import annotations

import threading
from contextlib import ExitStack, suppress
from itertools import islice
from random import choice, randrange
from string import ascii_uppercase

import zmq

from orchestrator.node import Node


def publisher(node: Node) -> None:
    letters = node.socket("letters")
    while not node.stopping.wait(0.1):
        letters.send_string(f"{choice(ascii_uppercase[:10])}-{randrange(100_000):05d}")


def proxy(node: Node) -> None:
    threading.Thread(target=run, args=(node,), daemon=True).start()
    node.stopping.wait()


def run(node: Node) -> None:
    names = ("frontend", "backend", "capture")
    with ExitStack() as sockets, suppress(zmq.ContextTerminated):
        zmq.proxy(*(sockets.enter_context(node.thread_socket(name)) for name in names))


def subscriber(node: Node) -> None:
    for letter in islice(node.messages("letters"), 5):
        print(letter)


def listener(node: Node) -> None:
    for captured in node.messages("capture"):
        print(captured)
