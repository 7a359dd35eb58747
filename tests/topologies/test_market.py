"""The market's programs, each alone, and together by hand-made sockets."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from array import array
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.node import Node
from tests.topologies.programs import PRICES, ROOT, load, rows

feed, bot, book = (load("market", program) for program in ("feed", "bot", "book"))


@pytest.fixture
def context() -> Iterator[zmq.Context[Any]]:
    context: zmq.Context[Any] = zmq.Context()
    yield context
    context.destroy(linger=0)


def feeding(context: zmq.Context[Any]) -> Node:
    ticks = {"type": "PUB", "bind": "inproc://ticks", "sndhwm": 0}
    return Node.standalone({"ticks": ticks}, name="feed", context=context)


def trading(context: zmq.Context[Any], index: int = 0, count: int = 1) -> Node:
    ticks = {"type": "SUB", "connect": "inproc://ticks", "subscribe": ["AAPL ", "MSFT "], "rcvhwm": 0}
    orders = {"type": "PUSH", "connect": "inproc://orders", "sndhwm": 0}
    return Node.standalone({"ticks": ticks, "orders": orders}, name="bot", index=index, count=count, context=context)


def booking(context: zmq.Context[Any]) -> Node:
    return Node.standalone({"orders": {"type": "PULL", "bind": "inproc://orders", "rcvhwm": 0}}, context=context)


def receive(socket: zmq.Socket[bytes]) -> list[bytes]:
    messages = []
    while socket.poll(0):
        messages.append(socket.recv())
    return messages


# feed


def published(context: zmq.Context[Any], **args: Any) -> list[bytes]:
    with feeding(context) as node, context.socket(zmq.SUB) as everything:
        everything.rcvhwm = 0
        everything.subscribe(b"")
        everything.connect("inproc://ticks")
        node.socket("ticks").getsockopt(zmq.EVENTS)  # Reads the subscription.
        feed.main(node, **args)
        return receive(everything)


def test_feed_publishes_every_price_in_order(context: zmq.Context[Any], tmp_path: Path) -> None:
    ticks = published(context, file=str(PRICES), rate=0, bookmark=str(tmp_path / "bookmark"))
    fields = [tick.decode().split() for tick in ticks]
    assert [int(sequence) for _, _, _, sequence, _ in fields] == list(range(sum(rows().values())))
    assert Counter(symbol for symbol, *_ in fields) == rows()
    dates = [date for _, date, *_ in fields]
    assert dates == sorted(dates)
    assert fields[0][:3] == ["AAPL", "2000-03-01", "4.1867"]
    sent = [int(when) for *_, when in fields]
    assert sent == sorted(sent)


def test_feed_goes_on_at_its_bookmark_and_moves_it(context: zmq.Context[Any], tmp_path: Path) -> None:
    mark, last = tmp_path / "bookmark", sum(rows().values())
    feed.Bookmark(mark).write(last - 2)
    ticks = published(context, file=str(PRICES), rate=0, bookmark=str(mark))
    assert [int(tick.split()[3]) for tick in ticks] == [last - 2, last - 1]
    assert feed.Bookmark(mark).read() == last


def test_feed_keeps_its_rate(context: zmq.Context[Any], tmp_path: Path) -> None:
    few = tmp_path / "prices.csv"
    few.write_text("date,symbol,close\n" + "2000-03-01,AAPL,1.0\n" * 51)
    ticks = published(context, file=str(few), rate=500, bookmark=str(tmp_path / "bookmark"))
    sent = [int(tick.split()[4]) for tick in ticks]
    assert (sent[-1] - sent[0]) / 1e9 >= 0.1 - 0.002  # 50 gaps of 2 ms; the first tick may be late, none early.


def test_feed_stops_when_told(context: zmq.Context[Any], tmp_path: Path) -> None:
    with feeding(context) as node:
        node.stop()
        feed.main(node, file=str(PRICES), rate=0, bookmark=str(tmp_path / "bookmark"))
    assert feed.Bookmark(tmp_path / "bookmark").read() == 0


def test_bookmark_is_beside_the_wiring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_WIRING", "/run/market/processes/feed/wiring.json")
    assert feed.beside_wiring() == Path("/run/market/processes/feed/bookmark")


@pytest.mark.process
def test_killed_feed_goes_on_where_it_was(tmp_path: Path) -> None:
    mark = tmp_path / "bookmark"
    program = f"""
import feed
from orchestrator.node import Node
with Node.standalone({{"ticks": {{"type": "PUB", "bind": "ipc://{tmp_path}/t"}}}}) as node:
    feed.main(node, file={str(PRICES)!r}, rate=RATE, bookmark={str(mark)!r})
"""
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{PRICES.parent}"}
    slow = [sys.executable, "-c", program.replace("RATE", "2000")]
    with subprocess.Popen(slow, env=environment, stdout=subprocess.DEVNULL) as process:
        while not (mark.exists() and marked(mark) > 50):
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
    stopped_at = marked(mark)
    assert 50 < stopped_at < sum(rows().values())

    fast = [sys.executable, "-c", program.replace("RATE", "0")]
    again = subprocess.run(fast, env=environment, capture_output=True, text=True, check=True)
    assert again.stdout.startswith(f"{sum(rows().values())} prices, from number {stopped_at}\n")
    assert marked(mark) == sum(rows().values())


def marked(bookmark: Path) -> int:
    return int.from_bytes(bookmark.read_bytes(), "little")


# bot


@given(prices=st.lists(st.integers(1, 500), max_size=60), fast=st.integers(1, 5), longer=st.integers(1, 8))
def test_trader_holds_while_the_fast_average_is_above_the_slow(prices: list[int], fast: int, longer: int) -> None:
    slow = fast + longer
    trader, cash, held, orders = bot.Trader(fast, slow), 0, False, 0
    for day, price in enumerate(prices, 1):
        above = day >= slow and mean(prices[day - fast : day]) > mean(prices[day - slow : day])
        expected = {(False, True): "buy", (True, False): "sell"}.get((held, above), "")
        assert trader.trade(price) == expected
        cash += {"buy": -price, "sell": price, "": 0}[expected]
        held, orders = above, orders + bool(expected)
    assert trader.ticks == len(prices)
    assert trader.orders == orders
    assert trader.profit == cash + (prices[-1] if held else 0)


def test_bot_counts_a_tick_that_comes_again_once(context: zmq.Context[Any]) -> None:
    with context.socket(zmq.PULL) as orders, context.socket(zmq.XPUB) as ticks:
        orders.bind("inproc://orders")
        ticks.bind("inproc://ticks")
        with trading(context) as node:
            assert {ticks.recv(), ticks.recv()} == {b"\x01AAPL ", b"\x01MSFT "}
            ticks.send(b"AAPL 2000-03-01 4.0 7 1000")
            ticks.send(b"AAPL 2000-03-01 4.0 7 2000")
            ticks.send(b"MSFT 2000-03-01 5.0 8 3000")
            node.stop()
            bot.main(node, fast=1, slow=2)
        total, times = receive(orders)
    assert total == b'total bot {"ticks": {"AAPL": 1, "MSFT": 1}, "orders": 0, "profit": 0.0}'
    numbers = array("q", times.removeprefix(b"times bot "))
    assert list(numbers[0::3]) == [7, 8]
    assert list(numbers[1::3]) == [1000, 3000]


@pytest.mark.parametrize(("index", "sold"), [(0, "2000-03-04"), (1, "2000-03-05")])
def test_bots_average_over_different_days(index: int, sold: str, context: zmq.Context[Any]) -> None:
    with context.socket(zmq.PULL) as orders, context.socket(zmq.XPUB) as ticks:
        orders.bind("inproc://orders")
        ticks.bind("inproc://ticks")
        with trading(context, index, count=2) as node:
            assert {ticks.recv(), ticks.recv()} == {b"\x01AAPL ", b"\x01MSFT "}
            for day, price in enumerate((3.0, 3.0, 4.0, 4.0, 4.0), 1):
                ticks.send(f"AAPL 2000-03-0{day} {price} {day} 0".encode())
            node.stop()
            bot.main(node, fast=1, slow=2)
        sent = [message.decode() for message in receive(orders) if message.startswith(b"order")]
    assert sent == [f"order bot-{index} buy AAPL 2000-03-03 4.0", f"order bot-{index} sell AAPL {sold} 4.0"]


# book


def test_table_has_a_line_a_bot_in_the_order_of_their_numbers() -> None:
    totals = {
        "bot-10": {"ticks": {"AAPL": 3, "MSFT": 4}, "orders": 2, "profit": -1.5},
        "bot-9": {"ticks": {"MSFT": 4}, "orders": 1, "profit": 12.25},
    }
    head, *lines = book.table(totals, Counter({"bot-10": 2}))
    assert head.split() == ["BOT", "TICKS", "AAPL", "MSFT", "ORDERS", "FILLS", "PROFIT"]
    assert [line.split() for line in lines] == [
        ["bot-9", "4", "0", "4", "1", "0", "12.25"],
        ["bot-10", "7", "3", "4", "2", "2", "-1.50"],
    ]


def test_spread_is_from_the_first_to_the_last_bot_with_the_same_tick() -> None:
    first = array("q", [0, 100, 150, 1, 200, 260])
    second = array("q", [1, 200, 230, 2, 300, 333])
    third = array("q", [1, 200, 290])
    assert book.spreads([first, second, third]) == [60]


def test_speed_says_delays_and_spread() -> None:
    later = array("q", [field for n in range(101) for field in (n, 0, n * 1_000_000)])
    at_once = array("q", [0, 0, 0, 100, 0, 0])
    assert list(book.speed([later])) == [
        "delay, feed to bot: p50 50.00 ms, p99 99.00 ms (101 ticks received)",
        "spread, first bot to last: none (0 ticks that several bots received)",
    ]
    _, spread = book.speed([later, at_once])
    assert spread == "spread, first bot to last: p50 0.00 ms, p99 0.00 ms (2 ticks that several bots received)"


def test_speed_of_a_mesh_that_received_nothing() -> None:
    assert [line.partition(": ")[2].split()[0] for line in book.speed([])] == ["none", "none"]


# together


def test_market_by_hand(context: zmq.Context[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with booking(context) as desk, feeding(context) as source:
        bots = [trading(context, index, count=3) for index in range(3)]
        for node in bots:
            node.__enter__()
        source.socket("ticks").getsockopt(zmq.EVENTS)  # Reads the subscriptions.
        feed.main(source, file=str(PRICES), rate=0, bookmark=str(tmp_path / "bookmark"))
        for node in bots:
            node.stop()
            bot.main(node, fast=50, slow=200)
            node.__exit__(None, None, None)
        desk.stop()
        capsys.readouterr()
        book.main(desk)

    lines = capsys.readouterr().out.splitlines()
    fills = [line for line in lines if " at " in line]
    table = [line.split() for line in lines if line.startswith("bot-")]
    assert [(line[0], line[2:4]) for line in table] == [(f"bot-{n}", ["3270", "3270"]) for n in range(3)]
    for name, ticks, _, _, orders, filled, profit in table:
        assert int(ticks) == rows()["AAPL"] + rows()["MSFT"]
        assert int(orders) == int(filled) == sum(f" {name} " in line for line in fills) > 10
        assert float(profit) > 0
    assert lines[-2].startswith("delay, feed to bot: p50 ")
    assert lines[-1].endswith("(6540 ticks that several bots received)")
