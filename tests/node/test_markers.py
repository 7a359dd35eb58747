"""Whether a marker has arrived at a PUB, whoever else subscribes meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
import zmq

from orchestrator.node.markers import Probe, countable
from tests.support.sockets import Context, Socket, topics
from tests.support.waiting import until

BESIDE = "inproc://beside"


@pytest.fixture
def context() -> Iterator[Context]:
    with zmq.Context() as made:
        yield made


@contextmanager
def publisher(context: Context) -> Iterator[tuple[Socket, Probe, str]]:
    """A PUB and the probe beside it, and where others connect."""
    with context.socket(zmq.PUB) as pub:
        assert countable(pub)
        pub.bind(BESIDE)
        port = pub.bind_to_random_port("tcp://127.0.0.1")
        with closing(Probe(pub, BESIDE)) as probe:
            yield pub, probe, f"tcp://127.0.0.1:{port}"


def subscribe(context: Context, address: str, *topics: bytes) -> Socket:
    made = context.socket(zmq.SUB)
    made.connect(address)
    for topic in topics:
        made.subscribe(topic)
    return made


def test_a_marker_is_seen_once_it_has_arrived(context: Context) -> None:
    with publisher(context) as (_, probe, address):
        assert not probe.arrived(["bot.in.1"])
        with subscribe(context, address, b"a", b"\xffbot.in.1\n"):
            until(lambda: probe.arrived(["bot.in.1"]))
            assert probe.arrived([])
            assert not probe.arrived(["bot.in.2"])
            assert not probe.arrived(["bot.in.1", "bot.in.2"])
            assert probe.absent(["bot.in.1", "bot.in.2", "bot.in.3"]) == 2
        until(lambda: not probe.arrived(["bot.in.1"]))


def test_asking_leaves_nothing_behind(context: Context) -> None:
    with publisher(context) as (pub, probe, _):
        probe.absent([f"bot-{number}.in.1" for number in range(5000)])
        assert topics(pub) == 0


@pytest.mark.parametrize("there", [True, False])
def test_others_who_subscribe_all_the_time_do_not_mislead(context: Context, there: bool) -> None:
    ended = threading.Event()

    def churn() -> None:
        with subscribe(context, address) as other:
            number = 0
            while not ended.is_set():
                number += 1
                other.subscribe(b"%d" % (number % 7))
                other.unsubscribe(b"%d" % ((number + 3) % 7))

    with publisher(context) as (_, probe, address), subscribe(context, address, b"\xffbot.in.1\n"):
        until(lambda: probe.arrived(["bot.in.1"]))
        others = threading.Thread(target=churn)
        others.start()
        try:
            if there:
                until(lambda: probe.arrived(["bot.in.1"]))
            else:
                assert not any(probe.arrived(["bot.in.2"]) for _ in range(300))
        finally:
            ended.set()
            others.join()
