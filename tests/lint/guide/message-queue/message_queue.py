from __future__ import annotations

import threading
from contextlib import suppress

import zmq

from orchestrator.node import Node


def client(node: Node) -> None:
    questions = node.socket("questions")
    questions.send(b"Hello")
    print(questions.recv())


def proxy(node: Node) -> None:
    threading.Thread(target=run, args=(node,), daemon=True).start()
    node.stopping.wait()


def run(node: Node) -> None:
    with (
        suppress(zmq.ContextTerminated),
        node.thread_socket("frontend") as front,
        node.thread_socket("backend") as back,
    ):
        zmq.proxy(front, back)


def worker(node: Node) -> None:
    answers = node.socket("answers")
    for question in node.messages("answers"):
        answers.send(question[::-1])
