"""Prints the most frequent words of the whole text."""

from __future__ import annotations

import json
from collections import Counter

from orchestrator.node import Node


def main(node: Node) -> None:
    counts: Counter[str] = Counter()
    for message in node.messages("totals"):
        counts += Counter(json.loads(message))
    often = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    print(f"{counts.total()} words, {len(counts)} different; {', '.join(f'{word} {n}' for word, n in often[:5])}")
