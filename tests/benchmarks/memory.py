"""How much memory an idle node has of its own (unique set size), forked from the keeper and executed anew.

``python -m tests.benchmarks.memory [NODES]`` (default 40 of each): the same program in the same mesh; a variable that
only a new interpreter reads (PYTHON...) makes the second half start as programs of their own.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import median

import psutil

from tests.benchmarks.meshes import running
from tests.benchmarks.start import PROGRAMS

TOPOLOGY = """
name: memory
defaults:
  node: {{working_dir: {folder}}}
nodes:
  feed:
    python: start_programs:feed
    sockets: {{ticks: PUB, orders: PULL}}
  forked: &bot
    python: start_programs:bot
    replicas: {nodes}
    sockets: {{ticks: {{type: SUB, subscribe: "AAPL "}}, orders: PUSH}}
  spawned:
    <<: *bot
    env: {{PYTHONNODEBUGRANGES: "1"}}
edges:
  ticks: {{bind: feed.ticks, connect: [forked.ticks, spawned.ticks]}}
  orders: {{bind: feed.orders, connect: [forked.orders, spawned.orders]}}
"""


def main(nodes: int = 40) -> None:
    """Print the two medians and their ratio."""
    text = TOPOLOGY.format(folder=PROGRAMS.parent, nodes=nodes)
    with tempfile.TemporaryDirectory(prefix="b") as name, running(Path(name), text, "memory") as mesh:
        processes = mesh.status()["processes"]
        sizes = {
            kind: median(
                psutil.Process(each["pid"]).memory_full_info().uss for each in processes if each["node"] == kind
            )
            for kind in ("forked", "spawned")
        }
    mebibytes = {kind: size / 2**20 for kind, size in sizes.items()}
    print(
        f"idle node, unique set size: forked {mebibytes['forked']:.2f} MiB, spawned {mebibytes['spawned']:.2f} MiB, "
        f"ratio {sizes['forked'] / sizes['spawned']:.3f}"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
