"""The programs of the meshes: they speak from their first instruction on, and print at the end what came."""

from __future__ import annotations

import random
import time
from array import array
from collections import Counter
from pathlib import Path

import zmq

from orchestrator.node import Node

SYMBOLS = (b"AAPL", b"MSFT", b"IBM")

# ---- PUB and SUB


def feed(node: Node, *, ticks: int, rate: float = 0, record: str = "") -> None:
    """Publish ticks of all symbols in turn, at full speed or at a rate; ``record`` gets the times of sending."""
    socket = node.socket("ticks")
    times = array("d")
    for number in range(ticks):
        if rate:
            node.stopping.wait(1 / rate)
        if node.stopping:
            break
        times.append(time.time())
        socket.send(b"%b %d %f" % (SYMBOLS[number % len(SYMBOLS)], number, times[-1]))
    if record:
        Path(record).write_bytes(times.tobytes())
    print(len(times))


def bot(node: Node) -> None:
    """Receive ticks; print at the end when the program began and, by symbol, which came.

    Print also when 100 have come that were sent after the beginning: a bot that binds has those first that waited.
    """
    began = time.time()
    fresh = 0
    numbers: dict[str, list[int]] = {}
    for tick in node.messages("ticks"):
        symbol, number, sent = tick.split()
        numbers.setdefault(symbol.decode(), []).append(int(number))
        fresh += float(sent) > began
        if fresh == 100:
            print("100 fresh ticks")
    print(began, *(f"{symbol}:{seen[0]}:{seen[-1]}:{len(seen)}" for symbol, seen in sorted(numbers.items())))


# ---- one speaks, several hear


def pusher(node: Node, *, each: int, peers: int) -> None:
    """Send so many to each of the peers, in turn."""
    socket = node.socket("work")
    for number in range(each * peers):
        socket.send(b"%d" % number)


def puller(node: Node) -> None:
    print(sum(1 for _ in node.messages("work")))


def asker(node: Node, *, each: int, peers: int) -> None:
    """Ask all in turn; print how often who answered, then stay until the drain."""
    socket = node.socket("questions")
    answers: Counter[str] = Counter()
    for _ in range(each * peers):
        socket.send(b"who")
        answers[socket.recv().decode()] += 1
    print(*(f"{who}:{count}" for who, count in sorted(answers.items())))


def answerer(node: Node) -> None:
    socket = node.socket("questions")
    for _ in node.messages("questions"):
        socket.send(node.process.encode())


def router(node: Node, *, each: int, peers: int) -> None:
    """Send so many to each of the dealers, who are known by name; print how many came from whom."""
    socket = node.socket("talk")
    for number in range(each * peers):
        socket.send_multipart([b"dealer-%d" % (number % peers), b"%d" % number])
    heard: Counter[str] = Counter()
    while heard.total() < each * peers:
        heard[socket.recv_multipart()[0].decode()] += 1
    print(*(f"{who}:{count}" for who, count in sorted(heard.items())))


def talker(node: Node, *, each: int) -> None:
    """Send so many, and print how many came."""
    socket = node.socket("talk")
    for number in range(each):
        socket.send(b"%d" % number)
    for _ in range(each):
        socket.recv()
    print(each)


# ---- a pipeline


def source(node: Node, *, size: int) -> None:
    """Send numbers, in so many bytes each, until the drain; print how many."""
    socket = node.socket("tasks")
    sent = 0
    while not node.stopping:
        socket.send(b"%-*d" % (size, sent))
        sent += 1
    print(sent)


def worker(node: Node, *, slow: float) -> None:
    """Hand on; the first worker takes up to ``slow`` seconds for each."""
    results = node.socket("results")
    for task in node.messages("tasks"):
        if node.index == 0:
            time.sleep(random.uniform(0, slow))
        results.send(task)


def sink(node: Node) -> None:
    """Print how many came, and how many different ones."""
    seen: Counter[int] = Counter(int(result) for result in node.messages("results"))
    print(seen.total(), len(seen))


# ---- a market that goes on for ever


def clock(node: Node, *, rate: float) -> None:
    """Publish the time of sending."""
    socket = node.socket("ticks")
    while not node.stopping.wait(1 / rate):
        socket.send(b"%.6f" % time.time())


def trader(node: Node) -> None:
    """Hand each tick on to the book."""
    orders = node.socket("orders")
    for tick in node.messages("ticks"):
        orders.send(b"%b %b" % (node.process.encode(), tick), zmq.DONTWAIT)


def book(node: Node) -> None:
    """Print whose orders come, and when their ticks were sent."""
    for order in node.messages("orders"):
        print(order.decode())


# ---- much of everything


def torrent(node: Node, *, rate: int) -> None:
    """Send so many numbers and print so many lines a second as ``rate`` and 1,000; print at the end how many
    they were, and how many a second.
    """
    socket = node.socket("numbers")
    began, sent, lines = time.monotonic(), 0, 0
    while not node.stopping:
        due = time.monotonic() - began
        for number in range(sent, int(due * rate)):
            socket.send(b"%d" % number)
        sent = max(sent, int(due * rate))
        lines = _print_lines(lines, due)
        time.sleep(0.001)
    print("sent", sent, int(sent / (time.monotonic() - began)))


def counter(node: Node) -> None:
    """Count numbers that come in turn, and print 1,000 lines a second; print at the end how many came."""
    began, lines, wanted = time.monotonic(), 0, 0
    for number in node.messages("numbers"):
        if int(number) != wanted:
            raise SystemExit(f"{wanted} was to come, {number.decode()} came")
        wanted += 1
        if wanted % 64 == 0:
            lines = _print_lines(lines, time.monotonic() - began)
    print("came", wanted)


def _print_lines(printed: int, seconds: float) -> int:
    due = int(seconds * 1000)
    for number in range(printed, due):
        print("line", number)
    return max(printed, due)


def job(node: Node, *, folder: str) -> None:
    """End with its own number as status when the file of its name is there."""
    file = Path(folder, node.process)
    while not file.exists():
        if node.stopping.wait(0.02):
            return
    raise SystemExit(node.index)


# ---- graphs of other shapes


def spring(node: Node) -> None:
    """Send numbers until the drain, as fast as they are taken; print how many."""
    socket = node.socket("out")
    sent = 0
    while not node.stopping:
        try:
            socket.send(b"%d" % sent, zmq.DONTWAIT)
            sent += 1
        except zmq.Again:
            time.sleep(0.001)
    print("sent", sent)


def basin(node: Node, *, pause: float) -> None:
    """Take what comes, each after a pause; print how many."""
    came = 0
    for _ in node.messages("in"):
        time.sleep(pause)
        came += 1
    print("came", came)


def client(node: Node) -> None:
    """Ask until the drain; print how many answers came, which is how many were asked for."""
    socket = node.socket("ask")
    answers = 0
    while not node.stopping:
        socket.send(b"")
        socket.recv()
        answers += 1
    print("came", answers)


def server(node: Node) -> None:
    """Answer; print to how many."""
    socket = node.socket("answer")
    answers = 0
    for parts in node.multipart("answer"):
        socket.send_multipart(parts)
        answers += 1
    print("sent", answers)


def wheel(node: Node) -> None:
    """Hand on what comes round, and begin with ten; print how often."""
    out = node.socket("out")
    if node.index == 0:
        for number in range(10):
            out.send(b"%d" % number)
    count = 0
    for message in node.messages("in"):
        if not node.stopping:
            out.send(message)
        count += 1
    print("came", count)


def batch(node: Node, *, count: int) -> None:
    """Send so many, and be done."""
    for number in range(count):
        node.socket("out").send(b"%d" % number)
    print("sent", count)


# ---- those who end before what they sent is read


def spill(node: Node, *, fail: bool) -> None:
    """Send more than anybody reads, and return, or raise."""
    socket = node.socket("out")
    for _ in range(500):
        socket.send(bytes(10_000))
    if fail:
        raise ValueError("the sun is up")


def deaf(node: Node) -> None:
    """Read nothing."""
    node.stopping.wait()


def everlasting(node: Node) -> None:
    """Send now and then, for ever."""
    while True:
        node.socket("out").send(b"x")
        time.sleep(0.05)


def overflow(node: Node) -> None:
    """Send more than anybody reads, until it is told to stop."""
    while not node.stopping:
        node.socket("out").send(bytes(10_000))


def laden(node: Node) -> None:
    """Send more than anybody reads, and return when it is told to stop."""
    for _ in range(500):
        node.socket("out").send(bytes(10_000))
    node.stopping.wait()


def drink(node: Node) -> None:
    """Read all."""
    for _ in node.messages("in"):
        pass
