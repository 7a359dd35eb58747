"""``device: replayer``: sends the messages of a recording, as far apart as they came; see ``recording``."""

from __future__ import annotations

import time
from pathlib import Path

import zmq

from orchestrator.devices.recording import BadRecording, read
from orchestrator.node import Node


def main(node: Node, *, file: str, speed: float = 1.0) -> None:
    """Send a recording, ``speed`` times as fast as it came (0: at full speed).

    A message goes to the socket of its name, or to the only one. Raise BadRecording.
    """
    sockets = {name: node.socket(name) for name in node.sockets}
    count, complete, began, first = 0, False, time.monotonic(), 0.0
    for message in read(Path(file)):
        if message is None:
            complete = True
            break
        first = first or message.time
        ahead = began + (message.time - first) / speed - time.monotonic() if speed else 0.0
        if (ahead > 0 and node.stopping.wait(ahead)) or node.stopping:
            return
        _socket(sockets, message.socket).send_multipart(message.parts)
        count += 1
    print(f"{count} messages are out" + ("" if complete else "; the recording is incomplete"))


def _socket(sockets: dict[str, zmq.Socket[bytes]], name: str) -> zmq.Socket[bytes]:
    if name in sockets:
        return sockets[name]
    if len(sockets) == 1:
        return next(iter(sockets.values()))
    raise BadRecording(f"a message came in at {name!r}, and there is no socket of that name")
