"""``device: last-value-cache``: a late subscriber gets the last message of each topic that it asks for.

The guide, chapter 5. A subscription is answered to all who have it: who was there before may get a value again.
"""

from __future__ import annotations

from orchestrator.devices.passing import both_ways
from orchestrator.node import Node


def main(node: Node, *, separator: str = " ") -> None:
    """Pass messages on. The topic is the first part of several, or what stands before the separator in one."""
    backend, between = node.socket("backend"), separator.encode()
    last: dict[bytes, list[bytes]] = {}

    def publish(parts: list[bytes]) -> None:
        topic = parts[0] if len(parts) > 1 else parts[0].partition(between)[0]
        last[topic] = parts
        backend.send_multipart(parts)

    def subscribe(parts: list[bytes]) -> None:
        if parts[0][:1] == b"\x01":
            for message in [message for message in last.values() if message[0].startswith(parts[0][1:])]:
                backend.send_multipart(message)

    both_ways(node, {"frontend": publish, "backend": subscribe})
    for parts in node.multipart("frontend"):
        publish(parts)
