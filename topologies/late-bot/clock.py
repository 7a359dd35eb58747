"""Runs down."""

from __future__ import annotations

from orchestrator.node import Node


def main(node: Node, *, seconds: float) -> None:
    node.stopping.wait(seconds)
    print(f"{seconds} s are over")
