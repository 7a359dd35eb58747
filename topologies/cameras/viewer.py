"""A screen that takes its time with each frame, and so skips some. In the end it says what it showed last."""

from __future__ import annotations

from orchestrator.node import Node

DRAWING = 0.02
"""Seconds for a frame."""


def main(node: Node, *, title: str) -> None:
    last: dict[str, int] = {}
    shown = 0
    for message in node.messages("frames"):
        camera, number = message.split(b"\n", 1)[0].decode().split()
        last[camera] = int(number)
        shown += 1
        node.stopping.wait(DRAWING)
    print(
        f"{title} showed {shown} frames, the last ones {', '.join(f'{name} {n}' for name, n in sorted(last.items()))}"
    )
