from __future__ import annotations

import threading

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
    zmq.proxy(node.thread_socket("frontend"), node.thread_socket("backend"))


def worker(node: Node) -> None:
    answers = node.socket("answers")
    for question in node.messages("answers"):
        answers.send(question[::-1])
