"""``device: queue``: requests of any client go to the workers in turn, and replies back (the guide, chapter 2)."""

from __future__ import annotations

from orchestrator.devices.passing import both_ways
from orchestrator.node import Node


def main(node: Node) -> None:
    """Pass requests and replies on; when it has to stop the clients have left, and with them all replies."""
    frontend, backend = node.socket("frontend"), node.socket("backend")
    both_ways(node, {"frontend": backend.send_multipart, "backend": frontend.send_multipart})
