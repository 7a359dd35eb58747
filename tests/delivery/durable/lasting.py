"""The programs of meshes whose edges are durable, and what is checked of what they wrote down."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.node import Node


def _log(record: str, name: str) -> int:
    return os.open(f"{record}/{name}", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def send(node: Node, *, record: str, most: int = 1_000_000_000, many: int = 1, pause: float = 0.0) -> None:
    """Send messages until it has to stop; write down what was accepted, in one write for each send.

    A message is the sender, when this incarnation of it began, and a number.
    """
    socket, log, began = node.socket("out"), _log(record, f"{node.process}.accepted"), time.monotonic_ns()
    number = 0
    while number < most and not node.stopping:
        block = [b"%b %d %d" % (node.process.encode(), began, number + each) for each in range(many)]
        if many == 1:
            socket.send(block[0])
        else:
            socket.send_many(block)  # type: ignore[attr-defined]
        os.write(log, b"".join(each + b"\n" for each in block))
        number += many
        if pause:
            node.stopping.wait(pause)


def receive(node: Node, *, record: str, pause: float = 0.0) -> None:
    """Write down each message, after when this incarnation began."""
    log, began = _log(record, f"{node.process}.processed"), time.monotonic_ns()
    for message in node.messages("in"):
        os.write(log, b"%d %b\n" % (began, message))
        if pause:
            node.stopping.wait(pause)


def receive_many(node: Node, *, record: str) -> None:
    """As ``receive``, by ``recv_many``."""
    import zmq

    log, began, socket = _log(record, f"{node.process}.processed"), time.monotonic_ns(), node.socket("in")
    while True:
        try:
            messages = socket.recv_many()  # type: ignore[attr-defined]
        except zmq.Again:
            return
        os.write(log, b"".join(b"%d %b\n" % (began, message) for message in messages))


@dataclass
class Outcome:
    """What came of it: how many were accepted, processed, processed again, lost, and out of order."""

    accepted: int = 0
    processed: int = 0
    twice: int = 0
    lost: list[str] = field(default_factory=list)
    disorder: list[tuple[str, str]] = field(default_factory=list)
    unexplained: list[tuple[str, str]] = field(default_factory=list)


def check(record: Path) -> Outcome:
    """Compare what was accepted with what was processed.

    ``unexplained`` are messages that came twice though the receiver that had them first did not end while it had them
    in hand: it had asked for another message since.
    """
    outcome = Outcome()
    accepted: set[str] = set()
    for path in record.glob("*.accepted"):
        accepted.update(_lines(path))
    outcome.accepted = len(accepted)
    first: dict[str, tuple[str, str]] = {}
    last: dict[tuple[str, str], str] = {}
    again: list[tuple[str, str, str]] = []
    for path in sorted(record.glob("*.processed")):
        receiver, latest = path.stem, defaultdict[str, tuple[int, int]](lambda: (0, -1))
        for line in _lines(path):
            life, message = line.split(" ", 1)
            outcome.processed += 1
            last[receiver, life] = message
            if message in first:
                again.append((receiver, life, message))
                continue
            first[message] = (receiver, life)
            sender, began, number = message.split()
            place = (int(began), int(number))
            if place <= latest[sender]:
                outcome.disorder.append((receiver, message))
            latest[sender] = max(place, latest[sender])
    outcome.twice = len(again)
    for receiver, _, message in again:
        had = first[message]
        if had[0] != receiver or last[had] != message:
            outcome.unexplained.append((receiver, message))
    outcome.lost = sorted(accepted - set(first))
    return outcome


def _lines(path: Path) -> list[str]:
    # The last one may be torn: its writer was killed.
    return [line for line in path.read_text().split("\n")[:-1] if line]
