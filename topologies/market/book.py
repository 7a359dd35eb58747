"""Prints the bots' orders as they come, each filled at its price, and at the end what became of everybody."""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from orchestrator.node import Node


def main(node: Node) -> None:
    fills: Counter[str] = Counter()
    totals: dict[str, dict[str, Any]] = {}
    times: list[array[int]] = []

    for message in node.messages("orders"):
        kind, process, rest = message.split(b" ", 2)
        bot = process.decode()
        if kind == b"order":
            fills[bot] += 1
            side, symbol, date, price = rest.decode().split()
            print(f"{date}  {bot:<7} {side:<4} {symbol} at {price}")
        elif kind == b"total":
            totals[bot] = json.loads(rest)
        elif kind == b"times":
            times.append(array("q", rest))

    print("\n".join(table(totals, fills)))
    print("\n".join(speed(times)))


def table(totals: dict[str, dict[str, Any]], fills: Counter[str]) -> Iterator[str]:
    """Give a line per bot: ticks received, orders it says it sent, orders that came here as fills, profit."""
    symbols = sorted({symbol for total in totals.values() for symbol in total["ticks"]})
    head = "".join(f"{symbol:>7}" for symbol in symbols)
    yield f"{'BOT':<8}{'TICKS':>7}{head}{'ORDERS':>8}{'FILLS':>7}{'PROFIT':>9}"
    for bot, total in sorted(totals.items(), key=lambda item: number(item[0])):
        ticks = total["ticks"]
        each = "".join(f"{ticks.get(symbol, 0):>7}" for symbol in symbols)
        yield f"{bot:<8}{sum(ticks.values()):>7}{each}{total['orders']:>8}{fills[bot]:>7}{total['profit']:>9.2f}"


def speed(times: list[array[int]]) -> Iterator[str]:
    """Say how long ticks took to a bot, and how far apart the first and the last bot received the same tick."""
    delays = [received - sent for bot in times for sent, received in zip(bot[1::3], bot[2::3], strict=True)]
    apart = spreads(times)
    yield f"delay, feed to bot: {percentiles(delays)} ({len(delays)} ticks received)"
    yield f"spread, first bot to last: {percentiles(apart)} ({len(apart)} ticks that several bots received)"


def spreads(times: Iterable[array[int]]) -> list[int]:
    """Give, for each tick that at least two bots received, the nanoseconds from the first to the last of them."""
    received: dict[int, list[int]] = {}
    for bot in times:
        for sequence, when in zip(bot[0::3], bot[2::3], strict=True):
            received.setdefault(sequence, []).append(when)
    return [max(when) - min(when) for when in received.values() if len(when) > 1]


def percentiles(nanoseconds: list[int]) -> str:
    if not nanoseconds:
        return "none"
    ordered = sorted(nanoseconds)
    p50, p99 = (ordered[int(share * (len(ordered) - 1))] / 1e6 for share in (0.50, 0.99))
    return f"p50 {p50:.2f} ms, p99 {p99:.2f} ms"


def number(process: str) -> int:
    """Give the 3 of bot-3."""
    digits = process.rpartition("-")[2]
    return int(digits) if digits.isdigit() else 0
