"""Holds one share of a symbol while its fast moving average is above the slow one.

Sends to the book, each as one frame:

    order PROCESS SIDE SYMBOL DATE PRICE
    total PROCESS JSON      at the end: ticks by symbol, orders, profit
    times PROCESS BYTES     at the end: a triple of 64-bit numbers a tick: its sequence, when it was sent and received
"""

from __future__ import annotations

import json
import time
from array import array
from collections import deque

from orchestrator.node import Node


def main(node: Node, *, fast: int, slow: int) -> None:
    """Trade on moving averages over ``fast`` and ``slow`` days, both longer by this bot's number."""
    orders = node.socket("orders")
    traders: dict[str, Trader] = {}
    times = array("q")
    last = -1

    for tick in node.messages("ticks"):
        received = time.monotonic_ns()
        symbol, date, price, sequence, sent = tick.decode().split()
        if int(sequence) <= last:
            continue  # a feed killed between sending a price and noting it sends that price again
        last = int(sequence)
        times.extend((last, int(sent), received))
        if symbol not in traders:
            print(f"first tick {symbol} {price}")
            traders[symbol] = Trader(fast + node.index, slow + node.index)
        side = traders[symbol].trade(float(price))
        if side:
            orders.send(f"order {node.process} {side} {symbol} {date} {price}".encode())

    orders.send(f"total {node.process} {json.dumps(totals(traders))}".encode())
    orders.send(b"times %b %b" % (node.process.encode(), times.tobytes()))


class Trader:
    """One symbol's moving averages, and what came of trading on them."""

    def __init__(self, fast: int, slow: int) -> None:
        self.ticks = 0
        self.orders = 0
        self._fast = Average(fast)
        self._slow = Average(slow)
        self._holds = False
        self._cash = 0.0
        self._price = 0.0

    def trade(self, price: float) -> str:
        """Take in a price; give ``buy``, ``sell`` or nothing."""
        self.ticks += 1
        self._price = price
        fast, slow = self._fast.add(price), self._slow.add(price)
        if fast is None or slow is None or (fast > slow) == self._holds:
            return ""
        self.orders += 1
        self._holds = not self._holds
        self._cash += -price if self._holds else price
        return "buy" if self._holds else "sell"

    @property
    def profit(self) -> float:
        """Cash, and the share it holds at the last price."""
        return self._cash + (self._price if self._holds else 0)


class Average:
    """The mean of the last ``size`` prices, once there are so many."""

    def __init__(self, size: int) -> None:
        self._prices: deque[float] = deque(maxlen=size)
        self._size = size
        self._sum = 0.0

    def add(self, price: float) -> float | None:
        if len(self._prices) == self._size:
            self._sum -= self._prices[0]
        self._prices.append(price)
        self._sum += price
        return self._sum / self._size if len(self._prices) == self._size else None


def totals(traders: dict[str, Trader]) -> dict[str, object]:
    return {
        "ticks": {symbol: trader.ticks for symbol, trader in sorted(traders.items())},
        "orders": sum(trader.orders for trader in traders.values()),
        "profit": round(sum(trader.profit for trader in traders.values()), 2),
    }
