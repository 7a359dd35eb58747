"""What libzmq does with subscriptions: the gate is built on it."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
import zmq

from tests.support.sockets import (
    QUIET,
    Context,
    Socket,
    bind,
    drain,
    endpoint,
    enter,
    event,
    monitored,
    receive,
    topics,
)
from tests.support.waiting import until

MARKER = b"\xffbot-3.ticks\n"


def publisher(context: Context, address: str) -> Socket:
    """A PUB as a node makes it: an XPUB that reports every subscription."""
    made = context.socket(zmq.XPUB)
    made.setsockopt(zmq.XPUB_VERBOSE, 1)
    bind(made, address)
    return made


def subscriber(context: Context, *prefixes: bytes) -> Socket:
    made = context.socket(zmq.SUB)
    made.reconnect_ivl = 10
    for prefix in prefixes:
        made.subscribe(prefix)
    return made


def delivered(context: Context, address: str, kind: int) -> int:
    """Count what a conflating publisher brings through to a SUB that reads later, of 2,000 sent."""
    with context.socket(kind) as pub, subscriber(context, b"") as sub:
        pub.conflate = 1
        pub.sndhwm = 0
        pub.sndbuf = sub.rcvbuf = 4096
        sub.rcvhwm = 1
        pub.bind(address)
        sub.connect(address)
        until(lambda: topics(pub))
        for _ in range(2000):
            pub.send(b"x" * 1024)
        return len(drain(sub))


def test_xpub_ignores_conflate_and_pub_does_not(context: Context, folder: str) -> None:
    assert delivered(context, f"ipc://{folder}/xpub", zmq.XPUB) == 2000
    assert 1 <= delivered(context, f"ipc://{folder}/pub", zmq.PUB) < 1000


@pytest.mark.parametrize("transport", ["ipc", "tcp"])
def test_subscriptions_made_before_connect_travel_in_byte_order(context: Context, folder: str, transport: str) -> None:
    with subscriber(context, MARKER, b"m", b"z", b"", b"a") as sub:
        with publisher(context, f"ipc://{folder}/x" if transport == "ipc" else "tcp://127.0.0.1:*") as pub:
            address = endpoint(pub)
            sub.connect(address)
            first = [receive(pub) for _ in range(5)]
        with publisher(context, address) as pub:
            until(lambda: sub.getsockopt(zmq.EVENTS) is not None and pub.poll(1))
            again = [receive(pub) for _ in range(5)]
    assert first == again == [b"\x01", b"\x01a", b"\x01m", b"\x01z", b"\x01" + MARKER]


def test_subscriptions_made_after_connect_travel_as_they_are_made(context: Context, folder: str) -> None:
    """So the marker, the last one made, is the last in any case."""
    with publisher(context, f"ipc://{folder}/x") as pub, subscriber(context) as sub:
        sub.connect(f"ipc://{folder}/x")
        for prefix in (b"z", b"a", MARKER):
            sub.subscribe(prefix)
        assert [receive(pub) for _ in range(3)] == [b"\x01z", b"\x01a", b"\x01" + MARKER]


def test_a_bound_sub_subscribes_only_when_its_thread_enters_libzmq(context: Context, folder: str) -> None:
    with subscriber(context, b"a") as sub, context.socket(zmq.XPUB) as pub:
        sub.bind(f"ipc://{folder}/x")
        with monitored(pub, zmq.EVENT_HANDSHAKE_SUCCEEDED) as reader:
            pub.connect(f"ipc://{folder}/x")
            event(reader)
        assert not pub.poll(QUIET)
        enter(sub)
        assert receive(pub) == b"\x01a"


def test_a_sub_whose_pub_restarted_subscribes_only_when_its_thread_enters_libzmq(context: Context, folder: str) -> None:
    with subscriber(context, b"a") as sub:
        with publisher(context, f"ipc://{folder}/x") as pub:
            sub.connect(f"ipc://{folder}/x")
            receive(pub)
        with context.socket(zmq.XPUB) as pub, monitored(pub, zmq.EVENT_HANDSHAKE_SUCCEEDED) as reader:
            pub.bind(f"ipc://{folder}/x")
            event(reader)
            assert not pub.poll(QUIET)
            enter(sub)
            assert receive(pub) == b"\x01a"


def test_a_sub_sends_no_more_subscriptions_than_its_sndhwm(context: Context, folder: str) -> None:
    with publisher(context, f"ipc://{folder}/x") as pub, subscriber(context) as sub:
        sub.sndhwm = 10
        for number in range(30):
            sub.subscribe(b"%02d" % number)
        sub.subscribe(MARKER)
        sub.connect(f"ipc://{folder}/x")
        arrived = drain(pub)
    assert arrived == [b"\x01%02d" % number for number in range(len(arrived))]
    assert len(arrived) == 10


@pytest.mark.parametrize("conflating", [zmq.SUB, zmq.PUB])
def test_conflate_keeps_one_subscription(context: Context, folder: str, conflating: int) -> None:
    with context.socket(zmq.PUB) as pub, subscriber(context) as sub:
        pub.conflate = conflating == zmq.PUB
        sub.conflate = conflating == zmq.SUB
        sub.subscribe(b"a")
        sub.subscribe(b"b")
        pub.bind(f"ipc://{folder}/x")
        sub.connect(f"ipc://{folder}/x")
        until(lambda: topics(pub))
        pub.send(b"a")
        pub.send(b"b")
        assert len(drain(sub)) == 1


def test_topics_count_counts_prefixes_not_subscribers(context: Context, folder: str) -> None:
    with context.socket(zmq.PUB) as pub, ExitStack() as stack:
        pub.bind(f"ipc://{folder}/x")
        for number in range(3):
            sub = stack.enter_context(subscriber(context, b"a", b"b", b"\xff%d" % number))
            sub.connect(f"ipc://{folder}/x")
        until(lambda: topics(pub) >= 5)
        assert topics(pub) == 5


@pytest.mark.parametrize(("kind", "kept"), [(zmq.XPUB, 802), (zmq.PUB, 0)])
def test_an_xpub_keeps_what_nobody_reads_and_a_pub_nothing(context: Context, folder: str, kind: int, kept: int) -> None:
    with context.socket(kind) as pub, subscriber(context) as sub:
        pub.bind(f"ipc://{folder}/x")
        sub.connect(f"ipc://{folder}/x")
        for _ in range(400):
            sub.subscribe(b"a")
            sub.unsubscribe(b"a")
        sub.subscribe(b"last but one")
        sub.subscribe(b"last")
        until(lambda: topics(pub) == 2)
        assert pub.poll(0) == (zmq.POLLIN if kept else 0)
        assert (len(drain(pub)) if kept else 0) == kept


def test_a_sub_beside_a_pub_shows_whether_a_prefix_has_arrived(context: Context, folder: str) -> None:
    """The number of prefixes stays as it is where somebody has the prefix already."""
    with context.socket(zmq.PUB) as pub, context.socket(zmq.SUB) as beside, subscriber(context, b"there") as sub:
        pub.bind("inproc://beside")
        pub.bind(f"ipc://{folder}/x")
        beside.connect("inproc://beside")
        sub.connect(f"ipc://{folder}/x")
        until(lambda: topics(pub) == 1)
        for prefix, grown in ((b"there", 1), (b"not there", 2)):
            beside.subscribe(prefix)
            assert topics(pub) == grown  # at once: by inproc there is no way to go
            beside.unsubscribe(prefix)
            assert topics(pub) == 1
        pub.send(b"there")
        assert receive(sub) == b"there"
        assert not beside.poll(0)


def test_the_address_that_a_program_asks_for_is_the_last_one(context: Context, folder: str) -> None:
    """So a node binds to its own first."""
    with context.socket(zmq.PUB) as pub:
        pub.bind("inproc://beside")
        pub.bind(f"ipc://{folder}/x")
        assert endpoint(pub) == f"ipc://{folder}/x"


def test_subscriptions_that_nobody_takes_in_are_held_back_at_the_high_water_mark(context: Context, folder: str) -> None:
    """A publisher whose thread never enters libzmq keeps no more than its rcvhwm; who subscribes waits."""
    with context.socket(zmq.PUB) as pub, subscriber(context) as sub:
        pub.bind(f"ipc://{folder}/x")
        sub.sndhwm = 0
        sub.connect(f"ipc://{folder}/x")
        for number in range(50_000):
            sub.subscribe(b"%d" % number)
        until(lambda: topics(pub) > 0)
        assert topics(pub) < 50_000
        until(lambda: topics(pub) == 50_000)


def test_a_marker_of_a_new_generation_is_reported_beside_the_old_one(context: Context, folder: str) -> None:
    """A plain XPUB reports only what is new: with a number in the marker that is each incarnation."""
    with context.socket(zmq.XPUB) as pub, subscriber(context, b"a", b"\xffbot.1\n") as old:
        pub.bind(f"ipc://{folder}/x")
        old.connect(f"ipc://{folder}/x")
        assert [receive(pub), receive(pub)] == [b"\x01a", b"\x01\xffbot.1\n"]
        with subscriber(context, b"a", b"\xffbot.2\n") as new:
            new.connect(f"ipc://{folder}/x")
            assert receive(pub) == b"\x01\xffbot.2\n"
        with subscriber(context, b"a", b"\xffbot.1\n") as same:
            same.connect(f"ipc://{folder}/x")
            # the control: the same marker again is not reported while the old pipe lives
            assert drain(pub) == [b"\x00\xffbot.2\n"]


def test_markers_pass_a_forwarder(context: Context, folder: str) -> None:
    with (
        publisher(context, f"ipc://{folder}/front") as pub,
        context.socket(zmq.XSUB) as front,
        context.socket(zmq.XPUB) as back,
        subscriber(context, b"a", MARKER) as sub,
    ):
        front.connect(f"ipc://{folder}/front")
        back.bind(f"ipc://{folder}/back")
        sub.connect(f"ipc://{folder}/back")
        for _ in range(2):
            front.send(receive(back))
        assert [receive(pub), receive(pub)] == [b"\x01a", b"\x01" + MARKER]


def test_an_xsub_subscribes_by_a_frame(context: Context, folder: str) -> None:
    with publisher(context, f"ipc://{folder}/x") as pub, context.socket(zmq.XSUB) as sub:
        with pytest.raises(zmq.ZMQError, match="Invalid argument"):
            sub.setsockopt(zmq.SUBSCRIBE, b"a")
        sub.connect(f"ipc://{folder}/x")
        sub.send(b"\x01a")
        assert receive(pub) == b"\x01a"


def test_once_the_marker_is_read_no_message_is_missed(context: Context, folder: str) -> None:
    for number in range(20):
        with publisher(context, f"ipc://{folder}/{number}") as pub, ExitStack() as stack:
            subs = [stack.enter_context(subscriber(context, b"a", b"\xff%d\n" % each)) for each in range(4)]
            for sub in subs:
                sub.connect(f"ipc://{folder}/{number}")
            missing = {b"\x01\xff%d\n" % each for each in range(4)}
            while missing:
                missing.discard(receive(pub))
            pub.send(b"a first")
            assert [receive(sub) for sub in subs] == [b"a first"] * 4
