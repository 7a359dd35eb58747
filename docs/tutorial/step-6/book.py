"""Writes every order down."""

from pathlib import Path

from orchestrator.node import Node


def main(node: Node) -> None:
    with Path("orders.log").open("a", buffering=1) as file:
        for order in node.messages("audit"):  # asking for the next one acknowledges this one
            file.write(f"{order.decode()}\n")
