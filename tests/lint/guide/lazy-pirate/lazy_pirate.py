from __future__ import annotations

import sys
from random import random

from orchestrator.node import Node


def client(node: Node, *, timeout: int) -> None:
    questions = node.socket("questions")
    for sequence in range(10):
        questions.send(b"%d" % sequence)
        if not questions.poll(timeout):
            sys.exit("no answer")
        print(int(questions.recv()))


def server(node: Node) -> None:
    answers = node.socket("answers")
    for number, question in enumerate(node.messages("answers")):
        if number > 3 and random() < 0.2:
            sys.exit("simulating a crash")
        answers.send(question)
