"""A person at the wheel: each line of standard input is a speed in metres a second. Ends with the input."""

from __future__ import annotations

import sys

from orchestrator.node import Node


def main(node: Node) -> None:
    override = node.socket("override")
    for line in sys.stdin:
        override.send(b"%r" % float(line))
