"""What rules of the linter forbid about wiring and addresses really fails."""

from __future__ import annotations

import pytest
import zmq

from tests.support.sockets import QUIET, Context, Socket, bind, drain, endpoint, enter, event, monitored, receive


def handshakes(reader: Socket) -> int:
    """Count the handshakes until no more come."""
    count = 0
    while reader.poll(QUIET):
        count += event(reader) == zmq.Event.HANDSHAKE_SUCCEEDED
    return count


def test_z101_nothing_arrives_between_types_that_do_not_fit_and_it_is_not_mended_later(
    context: Context, folder: str
) -> None:
    with context.socket(zmq.PULL) as pull:
        pull.reconnect_ivl = 10
        with context.socket(zmq.PUB) as pub:
            pub.bind(f"ipc://{folder}/x")
            with monitored(pub, zmq.EVENT_DISCONNECTED) as reader:
                pull.connect(f"ipc://{folder}/x")
                event(reader)
            pub.send(b"x")
            assert drain(pull) == []
        with context.socket(zmq.PUSH) as push:
            push.bind(f"ipc://{folder}/x")
            assert not push.poll(QUIET, zmq.POLLOUT)  # the fitting one comes, the deaf one does not


def test_z105_the_second_peer_of_a_pair_is_ignored(context: Context, folder: str) -> None:
    with context.socket(zmq.PAIR) as boss, context.socket(zmq.PAIR) as first, context.socket(zmq.PAIR) as second:
        boss.bind(f"ipc://{folder}/x")
        first.connect(f"ipc://{folder}/x")
        first.send(b"first")
        assert receive(boss) == b"first"
        second.connect(f"ipc://{folder}/x")
        second.send(b"second")
        assert drain(boss) == []


@pytest.mark.parametrize(("connecting", "binding"), [(zmq.PUSH, zmq.PULL), (zmq.PULL, zmq.PUSH), (zmq.XSUB, zmq.XPUB)])
def test_z106_the_same_address_twice_is_two_connections(
    context: Context, folder: str, connecting: int, binding: int
) -> None:
    assert connections(context, folder, connecting, binding) == 2


@pytest.mark.parametrize(("connecting", "binding"), [(zmq.SUB, zmq.PUB), (zmq.DEALER, zmq.ROUTER), (zmq.REQ, zmq.REP)])
def test_z106_of_other_types_it_is_one(context: Context, folder: str, connecting: int, binding: int) -> None:
    assert connections(context, folder, connecting, binding) == 1


def connections(context: Context, folder: str, connecting: int, binding: int) -> int:
    with (
        context.socket(binding) as one,
        context.socket(connecting) as other,
        monitored(one, zmq.EVENT_HANDSHAKE_SUCCEEDED) as reader,
    ):
        one.bind(f"ipc://{folder}/x")
        other.connect(f"ipc://{folder}/x")
        other.connect(f"ipc://{folder}/x")
        return handshakes(reader)


def test_z106_over_two_addresses_everything_comes_twice(context: Context, folder: str) -> None:
    with context.socket(zmq.XPUB) as pub, context.socket(zmq.SUB) as sub:
        pub.setsockopt(zmq.XPUB_VERBOSE, 1)
        sub.subscribe(b"")
        for name in "xy":
            pub.bind(f"ipc://{folder}/{name}")
            sub.connect(f"ipc://{folder}/{name}")
            receive(pub)
        pub.send(b"once")
        assert drain(sub) == [b"once", b"once"]


@pytest.mark.parametrize("host", ["127.0.0.1", "*", "0.0.0.0"])
@pytest.mark.parametrize("other", ["127.0.0.1", "*"])
def test_z107_a_port_is_bound_once(context: Context, host: str, other: str) -> None:
    with context.socket(zmq.PUB) as first, context.socket(zmq.PUB) as second:
        first.bind(f"tcp://{host}:*")
        port = endpoint(first).rpartition(":")[2]
        with pytest.raises(zmq.ZMQError, match="Address already in use"):
            second.bind(f"tcp://{other}:{port}")


def test_z201_inproc_stays_in_its_context(context: Context) -> None:
    with context.socket(zmq.PUSH) as push, zmq.Context() as elsewhere:
        push.bind("inproc://x")
        pull = elsewhere.socket(zmq.PULL)
        pull.linger = 0
        pull.connect("inproc://x")
        assert not push.poll(QUIET, zmq.POLLOUT)
        pull.close()


@pytest.mark.parametrize("address", ["ipc:///" + "x" * 107, "ipc://@" + "x" * 107])
def test_z202_a_path_of_more_than_107_bytes_is_refused(context: Context, address: str) -> None:
    with context.socket(zmq.PUB) as pub, pytest.raises(zmq.ZMQError):
        pub.bind(address)


@pytest.mark.parametrize("address", ["tcp://*:5556", "tcp://127.0.0.1:*"])
def test_z204_nobody_connects_to_a_wildcard(context: Context, address: str) -> None:
    with context.socket(zmq.SUB) as sub, pytest.raises(zmq.ZMQError, match="Invalid argument"):
        sub.connect(address)


def test_z205_a_port_is_cut_to_16_bits(context: Context) -> None:
    with context.socket(zmq.PUB) as pub:
        pub.bind("tcp://127.0.0.1:*")
        port = int(endpoint(pub).rpartition(":")[2])
        pub.unbind(endpoint(pub))
        bind(pub, f"tcp://127.0.0.1:{port + 65536}")
        assert endpoint(pub) == f"tcp://127.0.0.1:{port}"


@pytest.mark.parametrize(
    "address", ["TCP://127.0.0.1:5556", "udp://127.0.0.1:5556", "tcp://127.0.0.1", "http://127.0.0.1:5556"]
)
def test_z205_such_addresses_are_refused(context: Context, address: str) -> None:
    with context.socket(zmq.PUB) as pub, pytest.raises(zmq.ZMQError):
        pub.bind(address)


@pytest.mark.parametrize(("scheme", "needs"), [("ws", "WS"), ("pgm", "pgm"), ("norm", "norm")])
def test_z205_transports_that_libzmq_was_built_without(context: Context, scheme: str, needs: str) -> None:
    if zmq.has(needs):
        pytest.skip(f"this libzmq has {scheme}")
    with context.socket(zmq.PUB) as pub, pytest.raises(zmq.ZMQError, match="Protocol not supported"):
        pub.bind(f"{scheme}://127.0.0.1:5556")


def test_z209_names_are_bound_since_4_3_5(context: Context) -> None:
    with context.socket(zmq.PUB) as pub:
        if zmq.zmq_version_info() < (4, 3, 5):
            with pytest.raises(zmq.ZMQError):
                pub.bind("tcp://localhost:*")
        else:
            pub.bind("tcp://localhost:*")


def test_z210_without_the_option_there_is_no_ipv6(context: Context) -> None:
    with context.socket(zmq.PUSH) as push, context.socket(zmq.PULL) as pull:
        with pytest.raises(zmq.ZMQError):
            push.bind("tcp://[::1]:*")
        push.setsockopt(zmq.IPV6, 1)
        try:
            push.bind("tcp://[::1]:*")
        except zmq.ZMQError:
            pytest.skip("this machine has no ::1")
        pull.connect(endpoint(push))  # taken, and never carried out
        assert not push.poll(QUIET, zmq.POLLOUT)
        enter(pull)
        with context.socket(zmq.PULL) as other:
            other.setsockopt(zmq.IPV6, 1)
            other.connect(endpoint(push))
            assert push.poll(5000, zmq.POLLOUT)
