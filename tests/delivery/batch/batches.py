"""The programs of the batched meshes."""

from __future__ import annotations

import asyncio
import random
import time

from orchestrator.node import Node


def source(node: Node, *, count: int) -> None:
    """Send so many numbers and ticks of two topics, with pauses at random."""
    work, ticks = node.socket("work"), node.socket("ticks")
    for number in range(count):
        work.send(b"%d" % number)
        ticks.send(b"%d" % number, b"AB"[number % 2 : number % 2 + 1])
        if random.random() < 0.001:
            time.sleep(random.uniform(0, 0.01))


def one_by_one(node: Node) -> None:
    """Print how much work and how many ticks came, and whether the ticks were in order."""
    work, ticks = node.socket("work"), node.socket("ticks")
    done, seen = 0, []
    import zmq

    poller = zmq.Poller()
    for each in (work, ticks):
        poller.register(each.raw, zmq.POLLIN)
    poller.register(node.stopping, zmq.POLLIN)
    while not node.stopping:
        poller.poll()
        while work.poll(0):
            work.recv()
            done += 1
        while ticks.poll(0):
            seen.append(int(ticks.recv()[1]))
    done += sum(1 for _ in node.messages("work"))
    seen += [int(body) for _, body in node.messages("ticks")]
    print(done, len(seen), seen == sorted(seen))


async def by_asyncio(node: Node) -> None:
    done, seen = 0, []

    async def work() -> None:
        nonlocal done
        async for _ in node.messages("work"):
            done += 1

    async def ticks() -> None:
        async for topic, body in node.messages("ticks"):
            assert topic == b"B"
            seen.append(int(body))

    await asyncio.gather(work(), ticks())
    print(done, len(seen), seen == sorted(seen))


def bursts(node: Node, *, quiet: str) -> None:
    """Send five at once, and then wait for what never comes."""
    work = node.socket("work")
    for _ in range(5):
        work.send(b"x")
    if quiet == "receive":
        list(node.messages("never"))
    while not node.stopping:
        time.sleep(0.2)


def counting(node: Node) -> None:
    """Print each time when five have come."""
    for count, _ in enumerate(node.messages("work"), 1):
        if count % 5 == 0:
            print(count)


def flood(node: Node) -> None:
    """Send until nobody has taken any for a while."""
    import zmq

    work, refused = node.socket("work"), 0
    while refused < 20:
        try:
            work.send(b"x" * 100)
            refused = 0
        except zmq.Again:
            refused += 1
    print("full", flush=True)
    node.stopping.wait()


def deaf(node: Node) -> None:
    node.socket("work")
    node.stopping.wait()
