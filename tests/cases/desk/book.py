import os

from orchestrator.node import Node


def main(node: Node) -> None:
    n = 0
    with open("orders.log", "ab") as f:
        for order in node.messages("audit"):
            f.write(order + b"\n")
            f.flush()
            os.fsync(f.fileno())
            n += 1
    print(n, "ORDERS in the log")
