"""The programs of the meshes that are harmed."""

from __future__ import annotations

import errno
import itertools
import os
import subprocess

from orchestrator.node import Node


def source(node: Node, *, rate: float) -> None:
    """Send numbers, and print each."""
    socket = node.socket("numbers")
    for number in itertools.count():
        if node.stopping.wait(1 / rate):
            return
        socket.send(b"%d" % number)
        print("sent", number, flush=True)


def sink(node: Node, *, record: str) -> None:
    """Write down how many have come, in a file of its own."""
    with open(record, "r+b", buffering=0) as file:
        for count, _ in enumerate(node.messages("numbers"), 1):
            file.seek(0)
            file.write(b"%12d" % count)


def clock(node: Node) -> None:
    """Publish numbers."""
    socket = node.socket("ticks")
    for number in itertools.count():
        if node.stopping.wait(0.01):
            return
        socket.send(b"%d" % number)


def leave_at_once(node: Node) -> None:
    """Be over before anybody has noticed the beginning."""


def flood(node: Node, *, megabytes: int) -> None:
    """Write to stderr as fast as it goes, without a newline, then say that it is done."""
    chunk = b"x" * 2**20
    for _ in range(megabytes):
        written = 0
        while written < len(chunk):
            written += os.write(2, chunk[written:])
    print("flooded", flush=True)
    node.stopping.wait()


def exhaust(node: Node) -> None:
    """Open files until there is no descriptor left, and keep them."""
    kept = []
    try:
        while True:
            kept.append(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        print(errno.errorcode[error.errno or 0], flush=True)
    for _ in node.messages("ticks"):
        pass


def fork_away(node: Node) -> None:
    """Leave two behind: one in the same process group, one in a session of its own."""
    for session in (False, True):
        child = subprocess.Popen(["sleep", "600"], start_new_session=session)
        print("left", child.pid, flush=True)
    raise SystemExit(1)
