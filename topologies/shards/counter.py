"""Counts the words of its shard; when no more come, a merger gets the counts, and each backup that keeps this shard."""

from __future__ import annotations

import json
from collections import Counter

from orchestrator.node import Node


def main(node: Node, *, shard: dict[str, str]) -> None:
    counts = Counter(word.decode() for word in node.messages("words"))
    if foreign := [word for word in counts if not shard["first"] <= word[0] <= shard["last"]]:
        raise ValueError(f"words of another shard: {foreign}")
    message = json.dumps({"shard": node.key, "counts": counts}).encode()
    node.socket("counts").send(message)
    node.socket("copies").send(message)
