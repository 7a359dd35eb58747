"""``device: forwarder``: what publishers send goes to subscribers, who need not know each other.

The guide's dynamic discovery (chapter 2). As SUB and PUB it takes everything, and no first message is lost; where its
sockets are declared as XSUB and XPUB, it passes subscriptions on and takes what somebody wants.
"""

from __future__ import annotations

import zmq

from orchestrator.devices.passing import both_ways
from orchestrator.node import Node


def main(node: Node) -> None:
    """Pass messages on until all publishers have left."""
    frontend, backend = node.socket("frontend"), node.socket("backend")
    if frontend.type == zmq.XSUB:
        both_ways(node, {"frontend": backend.send_multipart, "backend": frontend.send_multipart})
    for parts in node.multipart("frontend"):
        backend.send_multipart(parts)
