"""Prints what has come together at the root."""

from __future__ import annotations

from orchestrator.node import Node


def main(node: Node, *, size: int) -> int:
    total, meters, levels = (int(field) for field in node.socket("total").recv().split())
    print(f"{total} in all, from {meters} of {size} meters, through {levels} levels")
    return 0 if meters == size else 1
