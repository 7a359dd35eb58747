"""Hears from every client, and finds for or against the service: its exit status is that of the whole mesh."""

from __future__ import annotations

import json

import zmq

from orchestrator.node import Node

AGAINST = 3


def main(node: Node, *, expected: int, requests: int) -> int:
    socket = node.socket("results")
    seconds: list[float] = []
    wrong: list[str] = []
    try:
        for _ in range(expected):
            result = json.loads(socket.recv())
            seconds += result["seconds"]
            wrong += result["wrong"]
    except zmq.Again:
        wrong.append(f"after {len(seconds)} requests no client says any more")

    for line in wrong[:5]:
        print(f"wrong: {line}")
    right = not wrong and len(seconds) == expected * requests
    print(f"{len(seconds)} of {expected * requests} requests, {len(wrong)} wrong; {spread(seconds)}")
    print("the service passes" if right else "the service fails")
    return 0 if right else AGAINST


def spread(seconds: list[float]) -> str:
    ordered = sorted(seconds) or [0.0]
    p50, p99 = (ordered[int(share * (len(ordered) - 1))] * 1e6 for share in (0.50, 0.99))
    return f"p50 {p50:.0f} us, p99 {p99:.0f} us"
