import json

from orchestrator.node import Node


def main(node: Node, *, limit: int) -> None:
    held = 0
    orders, gateway, audit = node.socket("orders"), node.socket("gateway"), node.socket("audit")
    n = 0
    for order in node.messages("orders"):
        o = json.loads(order)
        n += 1
        if held + o["qty"] > limit:
            result = b"refused"
        else:
            gateway.send(order)
            result = gateway.recv()
            if result == b"filled":
                held += o["qty"]
        audit.send(order + b" " + result)
        orders.send(result)
    print(n, "orders, held", held)
