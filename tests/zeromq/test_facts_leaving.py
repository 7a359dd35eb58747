"""What is lost and what is kept when sockets close: the drain is built on it."""

from __future__ import annotations

import array
import fcntl
import os
import socket as kernel
from collections.abc import Callable
from contextlib import suppress

import zmq

from tests.support.sockets import QUIET, Context, drain, enter, event, monitored, receive
from tests.support.waiting import until

from .test_facts_listeners import connections

SIOCOUTQ = 0x5411
SENT = 100  # with 200 bytes each the kernel's buffer holds them all


def unread(fd: int) -> int:
    """How many bytes of a connection its peer has not read."""
    answer = array.array("i", [0])
    fcntl.ioctl(fd, SIOCOUTQ, answer)
    return answer[0]


def hold(path: str) -> list[int]:
    """Duplicate the sending ends of an ipc endpoint's connections."""
    held = []
    for fd in connections(path):
        with kernel.socket(fileno=os.dup(fd)) as copy:
            if not copy.getsockname():  # the end that connected
                held.append(os.dup(fd))
    return held


def arrive(path: str, *, held: bool) -> int:
    """Send to a receiver that stands at its high-water mark, close, and count what it receives then."""
    with zmq.Context() as receiving, receiving.socket(zmq.PULL) as pull:
        pull.rcvhwm = 10
        pull.bind(f"ipc://{path}")
        with zmq.Context() as sending, sending.socket(zmq.PUSH) as push:
            push.linger = -1
            push.connect(f"ipc://{path}")
            for _ in range(SENT):
                push.send(b"x" * 200)
            until(lambda: len(connections(path)) == 2)
            copies = hold(path) if held else []
        # the sender's context has ended: all that it had is in the kernel
        received = 0
        try:
            while pull.poll(QUIET):
                pull.recv()
                received += 1
                if not sum(map(unread, copies)):
                    while copies:
                        os.close(copies.pop())
        finally:
            for copy in copies:
                os.close(copy)
    return received


def test_close_over_ipc_loses_what_a_full_receiver_has_not_read(folder: str) -> None:
    assert arrive(f"{folder}/x", held=False) < SENT


def test_a_held_descriptor_keeps_it(folder: str) -> None:
    assert arrive(f"{folder}/x", held=True) == SENT


def receiver(context: Context, address: str, *, binds: bool) -> zmq.Socket[bytes]:
    pull = context.socket(zmq.PULL)
    pull.rcvhwm = 1
    pull.rcvbuf = 4096
    pull.reconnect_ivl = 10
    (pull.bind if binds else pull.connect)(address)
    return pull


def after_death_of_the_receiver(context: Context, folder: str, *, sender_binds: bool) -> int:
    """Queue 500 messages for a receiver that reads none, replace it, and count what the next one gets."""
    address = f"ipc://{folder}/x"
    with context.socket(zmq.PUSH) as push:
        push.reconnect_ivl = 10
        push.sndbuf = 4096
        with monitored(push, zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED) as reader:
            (push.bind if sender_binds else push.connect)(address)
            with receiver(context, address, binds=not sender_binds):
                assert event(reader) == zmq.Event.HANDSHAKE_SUCCEEDED
                enter(push)
                for _ in range(500):
                    push.send(b"x" * 4096)
            assert event(reader) == zmq.Event.DISCONNECTED
            enter(push)
            with receiver(context, address, binds=not sender_binds) as second:
                assert event(reader) == zmq.Event.HANDSHAKE_SUCCEEDED
                enter(push)
                return len(drain(second))


def test_a_connecting_push_keeps_its_queue_over_the_death_of_its_peer(context: Context, folder: str) -> None:
    assert after_death_of_the_receiver(context, folder, sender_binds=False) > 250


def test_a_binding_push_loses_it(context: Context, folder: str) -> None:
    assert after_death_of_the_receiver(context, folder, sender_binds=True) == 0


def test_a_pull_that_disconnects_throws_away_what_it_has_not_read(context: Context, folder: str) -> None:
    with context.socket(zmq.PUSH) as push, context.socket(zmq.PULL) as pull:
        push.bind(f"ipc://{folder}/x")
        pull.connect(f"ipc://{folder}/x")
        for _ in range(10):
            push.send(b"x")
        receive(pull)
        assert pull.poll(QUIET)
        pull.disconnect(f"ipc://{folder}/x")
        assert drain(pull) == []


def test_a_push_that_disconnects_delivers_what_it_has(context: Context, folder: str) -> None:
    with context.socket(zmq.PUSH) as push, context.socket(zmq.PULL) as pull:
        push.linger = -1
        pull.bind(f"ipc://{folder}/x")
        push.connect(f"ipc://{folder}/x")
        for _ in range(500):
            push.send(b"x")
        push.disconnect(f"ipc://{folder}/x")
        enter(push)
        assert len(drain(pull)) == 500
        push.linger = 0


def test_a_disconnect_in_the_middle_of_a_message_loses_it(context: Context, folder: str) -> None:
    with context.socket(zmq.PUSH) as push, context.socket(zmq.PULL) as pull:
        pull.bind(f"ipc://{folder}/x")
        push.connect(f"ipc://{folder}/x")
        push.send_multipart([b"1", b"2"])
        assert pull.recv_multipart() == [b"1", b"2"]
        push.send(b"3", zmq.SNDMORE)
        push.linger = -1
        push.disconnect(f"ipc://{folder}/x")
        push.linger = 0
        with suppress(zmq.Again):
            push.send(b"4", zmq.DONTWAIT)
        assert drain(pull) == []


def restarted(context: Context, folder: str, survivor: int, client: int, between: Callable[..., object]) -> bool:
    """Replace a client while the survivor is busy elsewhere; tell whether the new one is heard."""
    with context.socket(survivor) as bound, monitored(bound, zmq.EVENT_HANDSHAKE_SUCCEEDED) as reader:
        bound.bind(f"ipc://{folder}/x")
        if survivor == zmq.ROUTER:
            between(bound)

        def connected() -> zmq.Socket[bytes]:
            made = context.socket(client)
            if survivor == zmq.ROUTER:
                made.routing_id = b"a"
            made.connect(f"ipc://{folder}/x")
            event(reader)
            return made

        with connected() as first:
            first.send(b"1")
            assert bound.recv_multipart()[-1] == b"1"
        if survivor == zmq.PAIR:
            between(bound)
        with connected() as second:
            second.send(b"2")
            received = []
            while bound.poll(QUIET):
                received.append(bound.recv_multipart()[-1])
            return received == [b"2"]


def test_a_busy_router_ignores_a_restarted_peer_of_the_same_routing_id(context: Context, folder: str) -> None:
    assert not restarted(context, folder, zmq.ROUTER, zmq.DEALER, lambda router: None)


def test_handover_cures_it(context: Context, folder: str) -> None:
    def hand_over(router: zmq.Socket[bytes]) -> None:
        router.router_handover = 1

    assert restarted(context, folder, zmq.ROUTER, zmq.DEALER, hand_over)


def test_a_busy_pair_ignores_a_restarted_peer(context: Context, folder: str) -> None:
    assert not restarted(context, folder, zmq.PAIR, zmq.PAIR, lambda pair: None)


def test_a_pair_that_entered_libzmq_accepts_the_next_peer(context: Context, folder: str) -> None:
    def leave(pair: zmq.Socket[bytes]) -> None:
        until(lambda: not pair.poll(1, zmq.POLLOUT))  # each poll enters; no peer is left once it cannot send

    assert restarted(context, folder, zmq.PAIR, zmq.PAIR, leave)


def test_a_pair_ignores_a_second_peer_beside_the_first(context: Context, folder: str) -> None:
    with context.socket(zmq.PAIR) as bound, context.socket(zmq.PAIR) as first, context.socket(zmq.PAIR) as second:
        bound.bind(f"ipc://{folder}/x")
        first.connect(f"ipc://{folder}/x")
        first.send(b"1")
        assert receive(bound) == b"1"
        second.connect(f"ipc://{folder}/x")
        second.send(b"2")
        assert drain(bound) == []
        first.send(b"3")
        assert receive(bound) == b"3"
