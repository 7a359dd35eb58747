"""An exchange that fills every order."""

from orchestrator.node import Node


def main(node: Node) -> None:
    orders, count = node.socket("orders"), 0
    for _ in node.messages("orders"):
        orders.send(b"filled")
        count += 1
    print(f"{count} orders filled")
