"""Who is admitted at either end of a durable edge, and that nothing else that arrives is heard or raised."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zmq
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from orchestrator.delivery import proof
from orchestrator.delivery.batch.frame import pack
from orchestrator.delivery.durable import wire
from orchestrator.delivery.durable.peers import NotAdmitted, Receivers, Senders
from orchestrator.delivery.durable.pull_socket import Inbox
from orchestrator.delivery.durable.push_socket import DurablePushSocket
from orchestrator.delivery.durable.settings import Settings

SECRET = b"s" * 32
STREAM, OTHER = b"1" * 16, b"2" * 16
OWN = b"book.in 1 aa"
HELLO = wire.Hello(7, STREAM, 0, 10)


def greeting(peer: bytes, hello: wire.Hello = HELLO, secret: bytes = SECRET) -> wire.Hello:
    """Give the hello that a sender of this name says to OWN."""
    return Receivers(peer, secret, hello.stream, ()).hello(OWN, hello)


@pytest.fixture
def senders() -> Senders:
    return Senders(OWN, SECRET)


def test_a_sender_is_known_by_its_token(senders: Senders) -> None:
    assert senders.name(b"shop.out 3 bb") is None
    assert senders.admit(b"shop.out 3 bb", greeting(b"shop.out 3 bb")) == "shop.out"
    assert senders.name(b"shop.out 3 bb") == "shop.out"
    assert senders.of("shop.out") == b"shop.out 3 bb"


@pytest.mark.parametrize(
    ("peer", "hello"),
    [
        (b"shop.out 3 bb", HELLO),
        (b"shop.out 3 bb", greeting(b"shop.out 3 bb", secret=b"t" * 32)),
        (b"shop.out 3 bb", greeting(b"shop.out 4 bb")),
        (b"shop.out 3 bb", greeting(b"else.out 3 bb")),
        (b"shop.out 3 bb", greeting(b"shop.out 3 bb")._replace(session=8)),
        (b"shop.out 3 bb", greeting(b"shop.out 3 bb")._replace(stream=OTHER)),
        (b"shop.out", greeting(b"shop.out")),
        (b"\xff 3 bb", greeting(b"\xff 3 bb")),
        (b"shop.out x bb", greeting(b"shop.out x bb")),
        (b"", HELLO),
    ],
)
def test_another_one_is_not_admitted(senders: Senders, peer: bytes, hello: wire.Hello) -> None:
    with pytest.raises(NotAdmitted):
        senders.admit(peer, hello)
    assert senders.name(peer) is None


def test_a_hello_to_another_receiver_is_of_no_use(senders: Senders) -> None:
    elsewhere = Receivers(b"shop.out 3 bb", SECRET, STREAM, ()).hello(b"book.in 2 cc", HELLO)
    with pytest.raises(NotAdmitted, match="token"):
        senders.admit(b"shop.out 3 bb", elsewhere)


def test_a_new_generation_takes_the_place_of_the_old_one_and_not_the_reverse(senders: Senders) -> None:
    old, new = b"shop.out 3 bb", b"shop.out 4 cc"
    senders.admit(old, greeting(old))
    renewed = HELLO._replace(stream=OTHER)
    senders.admit(new, greeting(new, renewed))
    assert senders.name(old) is None
    with pytest.raises(NotAdmitted, match="generation 3"):
        senders.admit(old, greeting(old))
    assert senders.of("shop.out") == new
    assert senders.was(old)
    assert not senders.was(new)


def test_a_second_process_of_the_same_name_is_not_admitted(senders: Senders) -> None:
    true, other = b"shop.out 3 bb", b"shop.out 3 cc"
    senders.admit(true, greeting(true))
    with pytest.raises(NotAdmitted, match="another stream"):
        senders.admit(other, greeting(other, HELLO._replace(stream=OTHER)))
    assert senders.name(true) == "shop.out"


def test_without_a_mesh_a_new_journal_is_admitted() -> None:
    senders = Senders(OWN, b"")
    for peer, stream in ((b"shop.out 0 bb", STREAM), (b"shop.out 0 cc", OTHER)):
        assert senders.admit(peer, wire.Hello(7, stream, 0, 0)) == "shop.out"


def test_a_receiver_is_known_by_the_token_of_its_state() -> None:
    peer, stranger = b"book.in 1 aa", b"book.in 9 zz"
    receivers = Receivers(b"shop.out 3 bb", SECRET, STREAM, ("book.in",))
    assert [receivers.arrived(each) for each in (peer, stranger, b"else.in 1 aa", b"x")] == ["book.in"] * 2 + [None] * 2
    assert receivers.to_greet("book.in") == [peer, stranger]
    senders = Senders(OWN, SECRET)
    senders.admit(b"shop.out 3 bb", receivers.hello(peer, HELLO))
    state = senders.state(b"shop.out 3 bb", wire.State(7, 16, ()))
    assert receivers.speaks(peer, None) is None, "not before it has proved it"
    assert receivers.speaks(stranger, state) is None
    assert receivers.speaks(peer, state._replace(session=8)) is None
    assert receivers.speaks(peer, state) == "book.in"
    assert receivers.speaks(peer, None) == "book.in"
    assert receivers.of("book.in") == peer
    receivers.gone("book.in", peer)
    assert receivers.of("book.in") is None
    assert receivers.to_greet("book.in") == [stranger]


def test_a_crowd_that_calls_itself_a_receiver_is_forgotten_in_turn() -> None:
    receivers = Receivers(b"shop.out 3 bb", SECRET, STREAM, ("book.in",))
    for number in range(1000):
        receivers.arrived(b"book.in 1 %d" % number)
    assert len(receivers.to_greet("book.in")) == 8


def test_what_is_left_of_a_life_before_is_counted_and_not_spoken_of(
    inbox: Inbox, capsys: pytest.CaptureFixture[str]
) -> None:
    for generation in (3, 4):
        peer = b"shop.out %d bb" % generation
        inbox.hear([peer, wire.frame(greeting(peer))])
    assert inbox.hear([b"shop.out 3 bb", wire.frame(wire.Data(7, 0, 0, 0, 0, pack([b"x"])))]) is None
    assert inbox.dropped.count == 1
    assert inbox.hand == []
    assert capsys.readouterr().err == ""


FRAMES = st.one_of(
    st.binary(max_size=70),
    st.tuples(st.sampled_from([b"H", b"S", b"D", b"A", b"P", b"R", b"L", b"B"]), st.binary(max_size=70)).map(b"".join),
    st.builds(
        lambda number, first, low, messages: wire.frame(wire.Data(7, number, 0, first, low, pack(messages))),
        st.integers(0, 2),
        st.integers(0, 2**64 - 1),
        st.integers(0, 2**64 - 1),
        st.lists(st.binary(max_size=3), min_size=1, max_size=3),
    ),
)
PEERS = st.one_of(st.binary(max_size=20), st.sampled_from([b"shop.out", b"shop.out 3 bb", b"shop.out 9 cc"]))
ARRIVED = st.lists(st.tuples(PEERS, st.lists(FRAMES, max_size=3)), max_size=20)

EACH = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    made = Inbox(Settings("book.in", tmp_path, fsync="never", secret=SECRET), OWN)
    yield made
    made.close()


@EACH
@given(ARRIVED)
def test_a_receiver_gives_nothing_of_what_strangers_say(inbox: Inbox, arrived: list[tuple[bytes, list[bytes]]]) -> None:
    before = inbox.dropped.count
    for peer, rest in arrived:
        answer = inbox.hear([peer, *rest])
        assert answer is None or wire.read(answer[1]).__class__ is wire.Reset
    assert inbox.hand == []
    assert inbox.cursor.known == {}
    assert inbox.dropped.count - before == sum(rest != [b""] for _, rest in arrived)


@EACH
@given(st.lists(FRAMES, max_size=20))
@example([wire.frame(wire.Data(7, 0, 0, 2**64 - 1, 0, pack([b"x"])))])
@example([wire.frame(wire.Data(7, 0, 2**32 - 1, 2**64 - 2, 0, pack([b"x"])))])
def test_whatever_a_sender_says_nothing_is_raised(tmp_path_factory: pytest.TempPathFactory, said: list[bytes]) -> None:
    peer = b"shop.out 3 bb"
    inbox = Inbox(Settings("book.in", tmp_path_factory.mktemp("j"), fsync="never", secret=SECRET), OWN)
    inbox.hear([peer, wire.frame(greeting(peer))])
    for each in said:
        inbox.hear([peer, each])
        inbox.hand.clear()
        inbox.take()
    inbox.close()


@pytest.fixture
def sender(tmp_path: Path) -> Iterator[tuple[DurablePushSocket, zmq.Socket[bytes]]]:
    with zmq.Context() as context, context.socket(zmq.ROUTER) as raw:
        raw.setsockopt(zmq.ROUTING_ID, proof.routing_id("shop.out", 3))
        raw.setsockopt(zmq.ROUTER_MANDATORY, 1)
        made = DurablePushSocket(raw, Settings("shop.out", tmp_path, receivers=("book.in",), secret=SECRET))
        made.send(b"x")
        yield made, raw
        made.finish(0.0)


@EACH
@given(st.lists(st.tuples(st.one_of(PEERS, st.just(OWN)), st.lists(FRAMES, max_size=3)), max_size=20))
def test_a_sender_takes_nobodys_word(sender: Any, arrived: list[tuple[bytes, list[bytes]]]) -> None:
    socket, _ = sender
    for peer, rest in arrived:
        socket._exchange.hear([peer, *rest])
    assert socket.unacknowledged == 1
