"""Keeps a copy of the counts of some shards (in memory: it is an example) and says which."""

from __future__ import annotations

import json

from orchestrator.node import Node


def main(node: Node, *, shelf: str) -> None:
    copies = {said["shard"]: said["counts"] for said in map(json.loads, node.messages("copies"))}
    kept = [f"{shard} ({sum(counts.values())} words)" for shard, counts in sorted(copies.items())]
    print(f"on {shelf}: {', '.join(kept)}")
