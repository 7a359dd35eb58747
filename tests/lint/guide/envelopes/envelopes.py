from __future__ import annotations

from orchestrator.node import Node


def publisher(node: Node) -> None:
    news = node.socket("news")
    while not node.stopping.wait(1):
        news.send_multipart([b"A", b"We do not want to see this"])
        news.send_multipart([b"B", b"We would like to see this"])


def subscriber(node: Node) -> None:
    for topic, text in node.multipart("news"):
        print(topic, text)
