import zmq

from orchestrator.node import Node


def main(node: Node, *, feed: str) -> None:
    node.socket("ticks")
    silent = False
    while not node.stopping:
        try:
            for _t in node.messages("ticks"):
                if silent:
                    print("feed is back")
                    silent = False
            return
        except zmq.Again:
            if not silent:
                print("ALERT: feed is silent")
            silent = True
