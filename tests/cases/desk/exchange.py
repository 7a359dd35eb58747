from orchestrator.node import Node


def main(node: Node) -> None:
    n = 0
    for _order in node.messages("orders"):
        node.socket("orders").send(b"filled")
        n += 1
    print("exchange filled", n)
