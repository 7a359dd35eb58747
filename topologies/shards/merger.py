"""Puts the counts of its shards together."""

from __future__ import annotations

import json
from collections import Counter

from orchestrator.node import Node


def main(node: Node) -> None:
    shards: list[str] = []
    counts: Counter[str] = Counter()
    for message in node.messages("counts"):
        said = json.loads(message)
        shards.append(said["shard"])
        counts += Counter(said["counts"])
    print(f"merges {' and '.join(sorted(shards))}")
    node.socket("totals").send(json.dumps(counts).encode())
