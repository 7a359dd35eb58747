"""Sends vectors of which it knows the class, several at once, and counts how often the model knows it too."""

from __future__ import annotations

import json
from collections import Counter

from model import example

from orchestrator.node import Node

AT_ONCE = 8


def main(node: Node, *, requests: int, classes: list[str]) -> None:
    socket = node.socket("requests")
    sent, right = 0, 0
    devices: Counter[str] = Counter()
    while devices.total() < requests:
        while sent < requests and sent - devices.total() < AT_ONCE:
            vector = example(classes[sent % len(classes)], noise=0.3)
            socket.send_multipart([b"%d" % sent, json.dumps(vector).encode()])
            sent += 1
        number, label, device = socket.recv_multipart()
        right += label.decode() == classes[int(number) % len(classes)]
        devices[device.decode() or "cpu"] += 1
    shares = ", ".join(f"{count} from {device}" for device, count in sorted(devices.items()))
    print(f"{requests} answers, {right} right; {shares}")
