"""Watches the cameras that its user has tapped at."""

from __future__ import annotations

from collections import Counter

from orchestrator.node import Node


def main(node: Node, *, watch: list[str]) -> None:
    thumbs = node.socket("thumbs")
    for camera in watch:
        thumbs.subscribe(f"{camera} ")
    seen = Counter(message.split()[0].decode() for message in node.messages("thumbs"))
    print(f"watched {', '.join(sorted(seen))}")
