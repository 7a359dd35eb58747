"""``device: streamer``: tasks of any source go to the workers in turn (the guide, chapter 2)."""

from __future__ import annotations

from orchestrator.node import Node


def main(node: Node) -> None:
    """Pass tasks on until all sources have left."""
    backend = node.socket("backend")
    for parts in node.multipart("frontend"):
        backend.send_multipart(parts)
