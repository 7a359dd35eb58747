"""What libzmq's socket monitors report: the gate counts handshakes by them."""

from __future__ import annotations

import socket as kernel
import struct
import subprocess
import sys
from contextlib import ExitStack, suppress

import pytest
import zmq

from tests.support.sockets import QUIET, Context, bind, drain, endpoint, enter, event, events_until, monitored, receive

SUCCEEDED = zmq.Event.HANDSHAKE_SUCCEEDED
DISCONNECTED = zmq.Event.DISCONNECTED
FAILED = {
    zmq.Event.HANDSHAKE_FAILED_NO_DETAIL,
    zmq.Event.HANDSHAKE_FAILED_PROTOCOL,
    zmq.Event.HANDSHAKE_FAILED_AUTH,
}
READY_WITHOUT_TYPE = b"\x04\x06\x05READY"
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01NULL" + bytes(16) + b"\x00" + bytes(31)


def plain_client(address: str) -> kernel.socket:
    """Connect a client that is no ZeroMQ socket."""
    transport, _, rest = address.partition("://")
    if transport == "ipc":
        client = kernel.socket(kernel.AF_UNIX)
        client.connect(rest)
        return client
    host, _, port = rest.rpartition(":")
    return kernel.create_connection((host, int(port)))


def works(context: Context, address: str) -> bool:
    """Tell whether the context's I/O thread still carries messages."""
    with context.socket(zmq.PUSH) as push, context.socket(zmq.PULL) as pull:
        pull.bind(address)
        push.connect(address)
        push.send(b"x")
        return bool(pull.poll(QUIET))


@pytest.mark.parametrize("transport", ["ipc", "tcp"])
def test_a_handshake_is_reported_once_the_pipe_can_be_used(context: Context, folder: str, transport: str) -> None:
    for number in range(20):
        with context.socket(zmq.PUSH) as push, monitored(push, SUCCEEDED) as reader, ExitStack() as stack:
            push.bind(f"ipc://{folder}/{number}" if transport == "ipc" else "tcp://127.0.0.1:*")
            pulls = [stack.enter_context(context.socket(zmq.PULL)) for _ in range(4)]
            for pull in pulls:
                pull.connect(endpoint(push))
            for _ in pulls:
                event(reader)
            enter(push)
            for part in range(4):
                push.send(b"%d" % part)
            assert sorted(receive(pull) for pull in pulls) == [b"0", b"1", b"2", b"3"]


@pytest.mark.parametrize("transport", ["ipc", "tcp"])
@pytest.mark.parametrize(
    "said", [b"", b"\xff", b"GET / HTTP/1.1\r\n\r\n", GREETING], ids=["", "byte", "http", "greeting"]
)
def test_a_client_that_leaves_before_its_handshake(context: Context, folder: str, transport: str, said: bytes) -> None:
    with context.socket(zmq.PULL) as pull, monitored(pull) as reader:
        pull.bind(f"ipc://{folder}/x" if transport == "ipc" else "tcp://127.0.0.1:*")
        client = plain_client(endpoint(pull))
        client.sendall(said)
        client.close()
        seen = events_until(reader, DISCONNECTED)
    assert SUCCEEDED not in seen
    assert seen[-2] in FAILED


def test_a_client_that_resets_its_connection(context: Context) -> None:
    with context.socket(zmq.PULL) as pull, monitored(pull) as reader:
        pull.bind("tcp://127.0.0.1:*")
        client = plain_client(endpoint(pull))
        client.setsockopt(kernel.SOL_SOCKET, kernel.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        assert events_until(reader, DISCONNECTED)[-2] in FAILED


def test_a_client_that_never_shakes_hands(context: Context, folder: str) -> None:
    with context.socket(zmq.PULL) as pull, monitored(pull) as reader:
        pull.handshake_ivl = 50
        pull.bind(f"ipc://{folder}/x")
        with plain_client(f"ipc://{folder}/x"):
            assert events_until(reader, DISCONNECTED)[-2] in FAILED


def test_a_peer_that_leaves_after_its_handshake(context: Context, folder: str) -> None:
    with context.socket(zmq.PULL) as pull, monitored(pull) as reader:
        pull.bind(f"ipc://{folder}/x")
        with context.socket(zmq.PUSH) as push:
            push.connect(f"ipc://{folder}/x")
            events_until(reader, SUCCEEDED)
        assert event(reader) == DISCONNECTED


@pytest.mark.parametrize("transport", ["ipc", "tcp"])
def test_a_peer_of_a_wrong_type_is_not_reported_as_a_failed_handshake(folder: str, transport: str) -> None:
    """Whoever sees the other's type first just disconnects; the other may see that too, or a broken handshake."""
    with zmq.Context() as one, zmq.Context() as other:
        for number in range(5):
            with (
                one.socket(zmq.PULL) as bound,
                other.socket(zmq.PUB) as connected,
                monitored(bound) as from_bound,
                monitored(connected) as from_connected,
            ):
                bound.bind(f"ipc://{folder}/{number}" if transport == "ipc" else "tcp://127.0.0.1:*")
                connected.connect(endpoint(bound))
                sides = [events_until(reader, DISCONNECTED) for reader in (from_bound, from_connected)]
                assert all(SUCCEEDED not in side for side in sides)
                assert any(not FAILED & set(side) for side in sides)


@pytest.mark.parametrize("transport", ["ipc", "tcp"])
def test_who_connects_to_a_wrong_type_gives_up_for_good(context: Context, folder: str, transport: str) -> None:
    address = f"ipc://{folder}/x" if transport == "ipc" else "tcp://127.0.0.1:*"
    with context.socket(zmq.PULL) as pull, monitored(pull) as reader:
        pull.reconnect_ivl = 10
        with context.socket(zmq.PUB) as wrong:
            wrong.bind(address)
            address = endpoint(wrong)
            pull.connect(address)
            # a broken handshake is tried again; a type that it has seen itself is not
            while FAILED & set(events_until(reader, DISCONNECTED)):
                pass
        with context.socket(zmq.PUSH) as right:
            bind(right, address)
            assert not reader.poll(QUIET)
            pull.disconnect(address)
            pull.connect(address)
            events_until(reader, SUCCEEDED)


def flood(path: str, connections: int) -> None:
    """Make events, three for each connection, as long as there is room in the backlog."""
    for _ in range(connections):
        with kernel.socket(kernel.AF_UNIX) as client:
            client.setblocking(False)
            with suppress(BlockingIOError):
                client.connect(path)


def test_an_unread_monitor_stops_the_io_thread(context: Context, folder: str) -> None:
    with context.socket(zmq.PULL) as pull:
        pull.bind(f"ipc://{folder}/x")
        reader = pull.get_monitor_socket()
        flood(f"{folder}/x", 90)
        assert works(context, f"ipc://{folder}/before")
        while works(context, f"ipc://{folder}/while"):
            flood(f"{folder}/x", 90)
        drain(reader)
        assert works(context, f"ipc://{folder}/after")
        pull.disable_monitor()


@pytest.mark.process
@pytest.mark.parametrize(("then", "works_on"), [("reader.close()", b"0"), ("pass", b"1")], ids=["gone", "there"])
def test_a_monitor_whose_reader_has_gone_stops_the_io_thread(folder: str, then: str, works_on: bytes) -> None:
    program = f"""if True:
        import socket, zmq
        context = zmq.Context()
        pull = context.socket(zmq.PULL)
        pull.bind("ipc://{folder}/x")
        pull.monitor("inproc://monitor", zmq.EVENT_ALL)
        reader = context.socket(zmq.PAIR)
        reader.connect("inproc://monitor")
        {then}
        delivered = 0
        for _ in range(10):  # closing the reader takes a moment
            push = context.socket(zmq.PUSH)
            push.connect("ipc://{folder}/x")
            push.send(b"x")
            if not pull.poll({QUIET}):
                break
            delivered += len(pull.recv())
        print(int(delivered == 10), flush=True)
        import os
        os._exit(0)  # its context would never end
    """
    assert subprocess.check_output([sys.executable, "-c", program], timeout=10).strip() == works_on


def test_a_reader_without_limit_never_stops_the_io_thread(context: Context, folder: str) -> None:
    with context.socket(zmq.PULL) as pull, monitored(pull) as reader:
        pull.bind(f"ipc://{folder}/x")
        for _ in range(30):
            flood(f"{folder}/x", 90)
            assert works(context, f"ipc://{folder}/while")
        assert len(drain(reader, 0)) > 3 * 90 * 20


def test_a_monitor_that_is_disabled_before_its_reader_closes_is_gone(context: Context, folder: str) -> None:
    with context.socket(zmq.PULL) as pull:
        pull.bind(f"ipc://{folder}/x")
        with monitored(pull):
            flood(f"{folder}/x", 10)
        flood(f"{folder}/x", 90)
        assert works(context, f"ipc://{folder}/after")
