"""Holds at most one share of each symbol: buys and sells where a price crosses the mean of those before it.

With ``follow`` it buys what rises above its mean, without it buys what has fallen below. It orders ``NAME buy SYMBOL
PRICE``, and holds what risk answers with ``filled``.
"""

from __future__ import annotations

from collections import Counter, deque
from statistics import mean

from orchestrator.node import Node

EOT = b"\x04"
"""End of transmission: the exchange is closed."""


def main(node: Node, *, follow: bool, window: int) -> None:
    orders = node.socket("orders")
    before: dict[str, deque[float]] = {}
    holds: set[str] = set()
    answers: Counter[str] = Counter()
    for message in node.messages("prices"):
        if message == EOT:
            break
        symbol, text = message.decode().split()
        prices = before.setdefault(symbol, deque(maxlen=window + node.index))
        wanted = len(prices) == prices.maxlen and (float(text) > mean(prices)) == follow
        prices.append(float(text))
        if wanted == (symbol in holds):
            continue
        orders.send_string(f"{node.process} {'buy' if wanted else 'sell'} {symbol} {text}")
        answer = orders.recv_string()
        answers[answer] += 1
        if answer == "filled":
            holds ^= {symbol}
    print(f"{answers.total()} orders, {answers['filled']} filled; holds {', '.join(sorted(holds)) or 'nothing'}")
