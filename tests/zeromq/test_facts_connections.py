"""What a connection takes with it when it goes, and what two ROUTERs make of one another's names: retry, durable and
replay are built on it.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys

import pytest
import zmq

from tests.support.sockets import Context, Socket, enter, event, monitored
from tests.support.waiting import until

CUT = """\
import sys, time, zmq
from zmq.utils.monitor import recv_monitor_message

folder, immediate, waiting = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
context = zmq.Context()
dealer = context.socket(zmq.DEALER)
dealer.immediate = immediate
monitor = dealer.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
peers = []
for number in range(2):
    peers.append(context.socket(zmq.DEALER))
    peers[-1].bind(f"ipc://{folder}/{number}")
    dealer.connect(f"ipc://{folder}/{number}")
    recv_monitor_message(monitor)
peers[0].send_multipart([b"a1", b"a2"])
print(dealer.recv().decode(), dealer.rcvmore, flush=True)
if waiting:
    peers[1].send_multipart([b"b1", b"b2"])
peers[0].close()
recv_monitor_message(monitor)
for _ in range(100):  # the connection is told of before what it had is let go
    dealer.get(zmq.EVENTS)
    time.sleep(0.001)
dealer.rcvtimeo = 1000
print(dealer.recv().decode(), dealer.rcvmore, flush=True)
context.destroy(0)
"""
"""The first part of a message is read, its sender goes, the socket hears of it, and then the next part is read."""


def cut(folder: str, *, immediate: bool, waiting: bool) -> tuple[int, str]:
    command = [sys.executable, "-c", CUT, folder, str(int(immediate)), str(int(waiting))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    return done.returncode, done.stdout


@pytest.mark.parametrize("waiting", [False, True])
def test_a_message_that_is_half_read_is_whole_without_immediate(folder: str, waiting: bool) -> None:
    assert cut(folder, immediate=False, waiting=waiting) == (0, "a1 1\na2 0\n")


@pytest.mark.parametrize("waiting", [False, True])
def test_immediate_cuts_a_message_that_is_half_read(folder: str, waiting: bool) -> None:
    """Its rest is gone: what another peer sends is taken for it, or libzmq ends the process (fq.cpp, !_more)."""
    status, printed = cut(folder, immediate=True, waiting=waiting)
    nothing_came, taken_for_it = (1, "a1 1\n"), (0, "a1 1\nb1 1\n")
    assert (status, printed) in [(-signal.SIGABRT, "a1 1\n"), taken_for_it if waiting else nothing_came]


def router(context: Context, name: bytes) -> Socket:
    socket = context.socket(zmq.ROUTER)
    socket.setsockopt(zmq.ROUTING_ID, name)
    socket.router_mandatory = True
    socket.router_handover = True
    socket.immediate = True
    socket.linger = 0
    socket.reconnect_ivl = 10
    return socket


def say(socket: Socket, name: bytes, text: bytes) -> bool:
    """Tell whether a peer of that name is there, and has it now."""
    try:
        socket.send_multipart([name, text], zmq.DONTWAIT)
    except zmq.ZMQError as error:
        if error.errno != zmq.EHOSTUNREACH:
            raise
        return False
    return True


def test_routers_know_one_another_by_name_and_who_is_not_there(context: Context, folder: str) -> None:
    one = router(context, b"one")
    assert not say(one, b"two", b"too soon")
    one.connect(f"ipc://{folder}/x")
    assert not say(one, b"two", b"nobody is there")
    with router(context, b"two") as two:
        two.bind(f"ipc://{folder}/x")
        until(lambda: say(one, b"two", b"hello"))
        assert two.recv_multipart() == [b"one", b"hello"]
        assert say(two, b"one", b"and you")
        assert one.recv_multipart() == [b"two", b"and you"]
        with monitored(one, zmq.EVENT_DISCONNECTED) as reader:
            two.close()
            event(reader)
    enter(one)
    assert not say(one, b"two", b"it has gone")
    one.close()


def test_one_that_comes_again_takes_the_name_over(context: Context, folder: str) -> None:
    two = router(context, b"two")
    two.bind(f"ipc://{folder}/x")
    first = router(context, b"one")
    first.connect(f"ipc://{folder}/x")
    until(lambda: say(two, b"one", b"first"))
    with router(context, b"one") as second:
        second.connect(f"ipc://{folder}/x")
        until(lambda: say(two, b"one", b"second") and second.poll(10))
        assert second.recv_multipart() == [b"two", b"second"]
    first.close()
    two.close()


def test_a_plain_tcp_socket_takes_messages_of_zmtp_1_without_a_greeting(
    context: zmq.Context[zmq.Socket[bytes]],
) -> None:
    """So random bytes of a stranger can be a message (RFC 13, ZMTP 1.0: an empty identity, then frames)."""
    puller = context.socket(zmq.PULL)
    port = puller.bind_to_random_port("tcp://127.0.0.1")
    with socket.create_connection(("127.0.0.1", port)) as stranger:
        stranger.sendall(b"\x01\x00" + b"\x06\x00hello")
        assert puller.poll(5000)
    assert puller.recv() == b"hello"
