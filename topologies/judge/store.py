"""The service under test: keeps values by key, and answers ``put KEY VALUE`` with ok and ``get KEY`` with the value."""

from __future__ import annotations

from orchestrator.node import Node


def main(node: Node, *, wrong: int = 0) -> None:
    """Serve; with ``wrong`` n, every nth ``get`` is answered with another value."""
    requests = node.socket("requests")
    values: dict[bytes, bytes] = {}
    gets = 0
    for who, empty, request in node.multipart("requests"):
        verb, key, *value = request.split(b" ", 2)
        if verb == b"put":
            values[key] = value[0]
            answer = b"ok"
        else:
            gets += 1
            answer = values.get(key, b"")
            if wrong and gets % wrong == 0:
                answer += b"?"
        requests.send_multipart((who, empty, answer))
