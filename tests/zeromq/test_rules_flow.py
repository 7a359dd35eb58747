"""What rules of the linter forbid about flow and options really fails."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
import zmq

from tests.support.sockets import ENOUGH, QUIET, Context, Socket, drain, enter, event, monitored, receive, topics
from tests.support.waiting import until


def subscribed(context: Context, folder: str, sub: Socket) -> Socket:
    """Give a PUB that knows what a SUB wants."""
    pub = context.socket(zmq.PUB)
    pub.bind(f"ipc://{folder}/x")
    sub.connect(f"ipc://{folder}/x")
    until(lambda: topics(pub))
    return pub


def test_z301_without_a_subscription_nothing_arrives(context: Context, folder: str) -> None:
    with context.socket(zmq.SUB) as silent, context.socket(zmq.SUB) as sub:
        sub.subscribe(b"")
        with monitored(silent, zmq.EVENT_HANDSHAKE_SUCCEEDED) as reader:
            silent.connect(f"ipc://{folder}/x")
            with subscribed(context, folder, sub) as pub:
                event(reader)
                pub.send(b"x")
                assert receive(sub) == b"x"
                assert drain(silent) == []


def test_z303_two_that_ask_each_other_wait(context: Context, folder: str) -> None:
    with (
        context.socket(zmq.REQ) as ask_a,
        context.socket(zmq.REP) as answer_a,
        context.socket(zmq.REQ) as ask_b,
        context.socket(zmq.REP) as answer_b,
    ):
        for name, ask, answer in (("x", ask_a, answer_b), ("y", ask_b, answer_a)):
            answer.bind(f"ipc://{folder}/{name}")
            ask.connect(f"ipc://{folder}/{name}")
            ask.send(b"?")
        assert answer_a.poll(ENOUGH)  # who reads this could answer; each waits for its own answer instead
        assert not ask_a.poll(QUIET)
        assert not ask_b.poll(QUIET)


def test_z305_a_req_with_a_silent_peer_stands(context: Context, folder: str) -> None:
    with context.socket(zmq.REQ) as ask, context.socket(zmq.REP) as silent, context.socket(zmq.REP) as willing:
        for name, answer in (("x", silent), ("y", willing)):
            answer.bind(f"ipc://{folder}/{name}")
            with monitored(ask, zmq.EVENT_HANDSHAKE_SUCCEEDED) as reader:
                ask.connect(f"ipc://{folder}/{name}")
                event(reader)
        ask.send(b"?")
        assert receive(silent) == b"?"
        with pytest.raises(zmq.ZMQError, match="current state"):
            ask.send(b"for the other")
        assert not ask.poll(QUIET)


def test_z312_subscriptions_beyond_sndhwm_are_dropped(context: Context, folder: str) -> None:
    with context.socket(zmq.SUB) as sub:
        sub.sndhwm = 3
        for prefix in (b"a", b"b", b"c", b"d"):
            sub.subscribe(prefix)
        with subscribed(context, folder, sub) as pub:
            until(lambda: topics(pub) >= 3)
            for each in (b"a", b"b", b"c", b"d"):
                pub.send(each)
            assert drain(sub) == [b"a", b"b", b"c"]


def test_z313_of_two_conflated_subscriptions_one_survives(context: Context, folder: str) -> None:
    with context.socket(zmq.SUB) as sub:
        sub.conflate = True
        sub.subscribe(b"a")
        sub.subscribe(b"b")
        with subscribed(context, folder, sub) as pub:
            heard = []
            for each in (b"a", b"b"):
                pub.send(each)
                heard += drain(sub)
            assert len(heard) == 1


@pytest.mark.parametrize("immediate", [False, True])
def test_z315_immediate_throws_away_what_waits_for_a_peer_that_comes_again(
    context: Context, folder: str, immediate: bool
) -> None:
    with context.socket(zmq.PUSH) as push:
        push.immediate = immediate
        push.reconnect_ivl = 10
        push.sndbuf = 4096
        with monitored(push, zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED) as reader:
            push.connect(f"ipc://{folder}/x")
            with reading(context, folder):
                assert event(reader) == zmq.Event.HANDSHAKE_SUCCEEDED
                enter(push)
                for _ in range(500):
                    push.send(b"x" * 4096)
            assert event(reader) == zmq.Event.DISCONNECTED
            enter(push)
            with reading(context, folder) as second:
                assert event(reader) == zmq.Event.HANDSHAKE_SUCCEEDED
                enter(push)
                assert (len(drain(second)) == 0) == immediate


def reading(context: Context, folder: str) -> Socket:
    pull = context.socket(zmq.PULL)
    pull.rcvhwm = 1
    pull.rcvbuf = 4096
    pull.bind(f"ipc://{folder}/x")
    return pull


@pytest.mark.parametrize("mandatory", [False, True])
def test_z316_one_client_that_has_gone_ends_a_proxy(context: Context, folder: str, mandatory: bool) -> None:
    front, back = context.socket(zmq.ROUTER), context.socket(zmq.DEALER)
    front.router_mandatory = mandatory
    front.bind(f"ipc://{folder}/front")
    back.bind(f"ipc://{folder}/back")
    ended = threading.Event()

    def relay() -> None:
        try:
            zmq.proxy(front, back)
        except zmq.ZMQError as error:
            if error.errno == zmq.EHOSTUNREACH:
                ended.set()

    thread = threading.Thread(target=relay, daemon=True)
    with (
        context.socket(zmq.DEALER) as server,
        context.socket(zmq.DEALER) as other,
        monitored(front, zmq.EVENT_DISCONNECTED) as reader,
    ):
        server.connect(f"ipc://{folder}/back")
        other.connect(f"ipc://{folder}/front")
        thread.start()
        with context.socket(zmq.DEALER) as client:
            client.connect(f"ipc://{folder}/front")
            client.send(b"question")
            late = server.recv_multipart()
        event(reader)
        other.send(b"question")  # once it is passed on, the ROUTER knows that the first client has gone
        server.send_multipart(server.recv_multipart())
        assert receive(other) == b"question"
        server.send_multipart(late)
        other.send(b"question")
        if mandatory:
            assert ended.wait(ENOUGH / 1000)
        else:
            assert server.poll(ENOUGH)
    context.destroy(linger=0)
    thread.join(ENOUGH / 1000)


@pytest.mark.parametrize(("sending", "receiving"), [(zmq.PUB, zmq.SUB), (zmq.PUSH, zmq.PULL)])
def test_z317_a_conflating_receiver_keeps_the_last_message_of_each_sender(
    context: Context, folder: str, sending: int, receiving: int
) -> None:
    with context.socket(receiving) as receiver, context.socket(sending) as one, context.socket(sending) as two:
        receiver.conflate = True
        if receiving == zmq.SUB:
            receiver.subscribe(b"")
        for name, sender in (("x", one), ("y", two)):
            sender.bind(f"ipc://{folder}/{name}")
            receiver.connect(f"ipc://{folder}/{name}")
            until(lambda sender=sender: topics(sender) if sending == zmq.PUB else sender.poll(1, zmq.POLLOUT))
        for number in range(10):
            one.send(b"one %d" % number)
            two.send(b"two %d" % number)
        heard: list[bytes] = []
        until(lambda: heard.extend(drain(receiver)) or {b"one 9", b"two 9"} <= set(heard))
        assert len(heard) < 20


def test_z401_libzmq_refuses_a_number_that_is_no_option(context: Context) -> None:
    with context.socket(zmq.PUB) as pub, pytest.raises(zmq.ZMQError, match="Invalid argument"):
        pub.setsockopt(9999, 1)


@pytest.mark.parametrize("option", [zmq.XPUB_MANUAL, zmq.XPUB_MANUAL_LAST_VALUE])
def test_z402_a_manual_pub_delivers_nothing(context: Context, folder: str, option: int) -> None:
    with context.socket(zmq.PUB) as pub, context.socket(zmq.SUB) as sub:
        pub.setsockopt(option, 1)
        sub.subscribe(b"")
        pub.bind(f"ipc://{folder}/x")
        with monitored(sub, zmq.EVENT_HANDSHAKE_SUCCEEDED) as reader:
            sub.connect(f"ipc://{folder}/x")
            event(reader)
        for _ in range(5):
            pub.send(b"x")
            assert not sub.poll(QUIET // 5)


@pytest.mark.parametrize(("option", "value"), [(zmq.SNDHWM, -1), (zmq.LINGER, -2), (zmq.TCP_KEEPALIVE, 2)])
def test_z403_values_out_of_range_are_refused(context: Context, option: int, value: int) -> None:
    with context.socket(zmq.PUB) as pub, pytest.raises(zmq.ZMQError, match="Invalid argument"):
        pub.setsockopt(option, value)


@pytest.mark.parametrize(("option", "value"), [(zmq.MAXMSGSIZE, -2), (zmq.TOS, 999)])
def test_z403_some_nonsense_is_taken(context: Context, option: int, value: int) -> None:
    with context.socket(zmq.PUB) as pub:
        pub.setsockopt(option, value)


def test_z407_conflate_keeps_the_last_part(context: Context, folder: str) -> None:
    with context.socket(zmq.PUSH) as push, context.socket(zmq.PULL) as pull:
        pull.conflate = True
        push.bind(f"ipc://{folder}/x")
        pull.connect(f"ipc://{folder}/x")
        push.send_multipart([b"topic", b"body"])
        heard: list[list[bytes]] = []
        until(lambda: pull.poll(1) and (heard.append(pull.recv_multipart()) or heard[-1] == [b"body"]))


def test_z407_a_conflating_dealer_loses_the_envelope_of_a_rep(context: Context, folder: str) -> None:
    with context.socket(zmq.DEALER) as dealer, context.socket(zmq.REP) as rep:
        dealer.conflate = True
        dealer.bind(f"ipc://{folder}/x")
        rep.connect(f"ipc://{folder}/x")
        dealer.send_multipart([b"", b"question"])
        rep.rcvtimeo = QUIET
        with pytest.raises(zmq.Again):
            rep.recv()


def test_z410_the_second_peer_of_a_name_gets_no_answer(context: Context, folder: str) -> None:
    with (
        context.socket(zmq.ROUTER) as router,
        context.socket(zmq.DEALER) as first,
        context.socket(zmq.DEALER) as second,
    ):
        router.bind(f"ipc://{folder}/x")
        for dealer in (first, second):
            dealer.routing_id = b"worker"
        first.connect(f"ipc://{folder}/x")
        first.send(b"first")
        assert router.recv_multipart() == [b"worker", b"first"]
        second.connect(f"ipc://{folder}/x")
        second.send(b"second")
        assert drain(router) == []


@pytest.mark.parametrize("name", [b"", b"x" * 256])
def test_z411_such_routing_ids_are_refused(context: Context, name: bytes) -> None:
    with context.socket(zmq.DEALER) as dealer, pytest.raises(zmq.ZMQError, match="Invalid argument"):
        dealer.routing_id = name


PROXY = """
import os, signal, sys, threading, time, zmq

folder, where = sys.argv[1:]
context = zmq.Context()
front, back, out, into = (context.socket(kind) for kind in (zmq.PULL, zmq.PUSH, zmq.PUSH, zmq.PULL))
for socket in (front, back, out, into):
    socket.linger = 0
    socket.sndbuf = socket.rcvbuf = 4096
    socket.sndhwm = socket.rcvhwm = 1  # so that the proxy often waits in send, with a part in its hands
front.bind(f"ipc://{folder}/front")
into.bind(f"ipc://{folder}/back")
back.connect(f"ipc://{folder}/back")
out.connect(f"ipc://{folder}/front")
signal.signal(signal.SIGURG, lambda *_: None)
main = threading.main_thread().ident
over = threading.Event()


def disturb():
    while not over.wait(0.0002):
        signal.pthread_kill(main, signal.SIGURG)


def send():
    for number in range(1_000):
        out.send_multipart([b"%1000d" % number] * 6)
    out.send_multipart([b"end"] * 6)


def count():
    right = wrong = 0
    while into.poll(2000):
        time.sleep(0.001)
        parts = into.recv_multipart()
        if parts == [b"end"] * 6:
            break
        right += len(parts) == 6 and len(set(parts)) == 1
    print(right, flush=True)
    os._exit(0)


for work in (disturb, send, count):
    threading.Thread(target=work, daemon=True).start()
if where == "thread":
    threading.Thread(target=zmq.proxy, args=(front, back), daemon=True).start()
    while True:
        time.sleep(1)
zmq.proxy(front, back)
"""


@pytest.mark.long
@pytest.mark.process
@pytest.mark.parametrize("where", ["main", "thread"])
def test_z610_signals_mangle_what_a_proxy_in_the_main_thread_passes_on(folder: str, where: str) -> None:
    command = [sys.executable, "-c", PROXY, folder, where]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == 0, said.stderr
    assert (int(said.stdout) == 1_000) == (where == "thread")
