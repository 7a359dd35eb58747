"""What ``init`` writes: a small mesh to begin with, whose every line may be changed."""

from __future__ import annotations

SCHEMA = "topology.schema.json"

TOPOLOGY = """\
# yaml-language-server: $schema={schema}
# The mesh: its programs, their sockets, and who binds and connects. `orchestrator up` starts it, Ctrl-C stops it.
name: {name}

nodes:
  feed:
    python: feed:main             # the function main of feed.py, beside this file
    args: {{interval: 0.5}}         # its keyword arguments
    sockets:
      ticks: PUB

  worker:
    python: worker:main
    replicas: 2                   # worker-0 and worker-1
    sockets:
      ticks: {{type: SUB, subscribe: ["AAPL ", "MSFT "]}}

edges:
  ticks: {{bind: feed.ticks, connect: worker.ticks}}   # the address is found when the mesh starts
"""

FEED = '''\
"""Publishes a made-up price now and then."""

from __future__ import annotations

import random

from orchestrator.node import Node


def main(node: Node, *, interval: float) -> None:
    ticks = node.socket("ticks")  # a plain zmq.Socket: a PUB, bound as topology.yaml says
    prices = {"AAPL": 130.0, "MSFT": 27.0, "IBM": 190.0}
    # Wired already: all subscribers are there, so the first message is not lost.
    while not node.stopping.wait(interval):  # seconds; true once the mesh is to end
        symbol = random.choice(list(prices))
        prices[symbol] += random.gauss(0.0, 0.1)
        ticks.send(f"{symbol} {prices[symbol]:.2f}".encode())
'''

WORKER = '''\
"""Receives the prices that it has subscribed to, and prints them."""

from __future__ import annotations

from orchestrator.node import Node


def main(node: Node) -> None:
    count = 0
    for tick in node.messages("ticks"):  # ends when the mesh stops and all that was sent has been read
        symbol, price = tick.decode().split()
        count += 1
        print(f"{symbol} at {price}")
    print(f"{node.process} has received {count} prices")
'''


def files(name: str) -> dict[str, str]:
    """Return the files of a starter, by their names."""
    return {"topology.yaml": TOPOLOGY.format(schema=SCHEMA, name=name), "feed.py": FEED, "worker.py": WORKER}
