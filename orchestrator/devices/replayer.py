"""``device: replayer``: sends the messages of a recording, as far apart as they came; see ``recording``.

Run as a program in the place of a process, ``FILE SPEED``, it sends what that process had sent.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from orchestrator.devices.recording import BadRecording, End, read
from orchestrator.node import Node

Send = Callable[[list[bytes]], object]
"""Sends the parts of a message."""


def main(node: Node, *, file: str, speed: float = 1.0) -> None:
    """Send a recording, ``speed`` times as fast as it came (0: at full speed).

    A message goes to the socket of its name, or to the only one. Raise BadRecording.
    """
    sends: dict[str, Send] = {name: node.socket(name).send_multipart for name in node.sockets}

    def hand(name: str) -> Send:
        if name in sends:
            return sends[name]
        if len(sends) == 1:
            return next(iter(sends.values()))
        raise BadRecording(f"a message came in at {name!r}, and there is no socket of that name")

    play(node, Path(file), speed, hand)


def play(node: Node, file: Path, speed: float, hand: Callable[[str], Send | None]) -> None:
    """Send what ``hand`` knows how to send, by the name of its socket in the recording. Raise BadRecording."""
    count, end, began, first = 0, None, time.monotonic(), 0.0
    for message in read(file):
        if isinstance(message, End):
            end = message
            break
        send = hand(message.socket)
        if send is None:
            continue
        first = first or message.time
        ahead = began + (message.time - first) / speed - time.monotonic() if speed else 0.0
        if (ahead > 0 and node.stopping.wait(ahead)) or node.stopping:
            return
        send(message.parts)
        count += 1
    print(f"{count} messages are out" + ("" if end and not end.lost else "; the recording is incomplete"))


def _in_the_place(node: Node, file: Path, speed: float) -> None:
    sends = {f"{node.process}.{name}": _sending(node.socket(name)) for name in node.sockets}
    play(node, file, speed, sends.get)


def _sending(socket: Any) -> Send:
    """Return what sends on a socket as it was recorded: its parts, or what stands in its place its topic and body."""
    send: Send = getattr(socket, "send_multipart", None) or (lambda parts: socket.send(parts[-1], *parts[:-1]))
    return send


if __name__ == "__main__":
    with Node.from_environment() as here:
        _in_the_place(here, Path(sys.argv[1]), float(sys.argv[2]))
