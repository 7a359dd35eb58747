"""The programs of meshes whose edges retry."""

from __future__ import annotations

import contextlib
import os

from orchestrator.delivery.retry import NoReplyError
from orchestrator.node import Node


def ask(node: Node, *, requests: int, record: str, pause: float) -> None:
    """Ask for the square of each number, and check it; write down how many were answered, wrong, and not answered."""
    socket, right, wrong, none = node.socket("ask"), 0, 0, 0
    for number in range(requests):
        if number % 10 == 0 and node.stopping.wait(pause):
            break
        socket.send(b"%d" % number)
        try:
            right += int(socket.recv()) == number * number
        except NoReplyError:
            none += 1
        if number % 100 == 0:
            print(number, flush=True)
    wrong = number + 1 - right - none
    with open(f"{record}/{node.process}.asked", "w") as file:
        file.write(f"{right} {wrong} {none}")


def answer(node: Node, *, record: str) -> None:
    """Answer with squares; write down each request before it is answered, in one write each."""
    socket = node.socket("answer")
    log = os.open(f"{record}/{node.process}.done", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for request in node.messages("answer"):
        os.write(log, b"%d %b\n" % (os.getpid(), request))
        with contextlib.suppress(ValueError):
            socket.send(b"%d" % int(request) ** 2)
