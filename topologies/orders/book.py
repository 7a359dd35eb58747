"""Fills orders: each goes on to the audit with the name of the process that had it."""

from __future__ import annotations

from fate import tempt

from orchestrator.node import Node


def main(node: Node, *, fate: float) -> None:
    fills = node.socket("fills")
    for order in node.messages("orders"):
        # Asking for the next order takes this one: by then its fill is in the journal.
        fills.send(order + f" {node.process}".encode())
        tempt(fate)
