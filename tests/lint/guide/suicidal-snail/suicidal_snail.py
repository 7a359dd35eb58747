from __future__ import annotations

import sys
import time
from random import random

from orchestrator.node import Node


def publisher(node: Node) -> None:
    clock = node.socket("clock")
    while not node.stopping.wait(0.001):
        clock.send_string(str(time.time()))


def subscriber(node: Node, *, max_delay: float) -> None:
    for tick in node.messages("clock"):
        if time.time() - float(tick) > max_delay:
            sys.exit("cannot keep up")
        time.sleep(random() / 500)
