"""Reads a text and passes on the words of its shard: those that begin with letters from ``first`` to ``last``."""

from __future__ import annotations

import re
from pathlib import Path

from orchestrator.node import Node


def main(node: Node, *, text: str, first: str, last: str) -> None:
    words = node.socket("words")
    mine = [word for word in re.findall(r"[a-z]+", Path(text).read_text().lower()) if first <= word[0] <= last]
    for word in mine:
        words.send(word.encode())
    print(f"{len(mine)} words from {first} to {last}")
