from __future__ import annotations

import itertools

import pytest
import zmq

from orchestrator.zeromq.sockets import TYPES, compatible, feeds

STABLE = [name for name, each in TYPES.items() if not each.draft]
ALL_PAIRS = list(itertools.product(TYPES, TYPES))


def test_numbers_are_those_of_libzmq() -> None:
    assert {name: each.number for name, each in TYPES.items()} == {each.name: int(each) for each in zmq.SocketType}


@pytest.mark.parametrize("name", STABLE)
def test_a_type_sends_and_receives_as_libzmq_says(context: zmq.Context[zmq.Socket[bytes]], name: str) -> None:
    """libzmq answers ENOTSUP to what a type can never do."""
    with context.socket(TYPES[name].number) as socket:

        def supported(action: object) -> bool:
            try:
                action()  # type: ignore[operator]
            except zmq.ZMQError as error:
                return error.errno != zmq.ENOTSUP
            return True

        assert supported(lambda: socket.recv(zmq.DONTWAIT)) == TYPES[name].receives
        # SUB sends subscriptions only by an option, so its send is not supported
        assert supported(lambda: socket.send(b"", zmq.DONTWAIT)) == TYPES[name].sends


def test_compatible_is_symmetric() -> None:
    assert all(compatible(a, b) == compatible(b, a) for a, b in ALL_PAIRS)


@pytest.mark.parametrize(("a", "b"), [pair for pair in itertools.product(STABLE, STABLE) if "STREAM" not in pair])
def test_compatible_is_what_the_handshake_accepts(
    context: zmq.Context[zmq.Socket[bytes]], folder: str, a: str, b: str
) -> None:
    with context.socket(TYPES[a].number) as binding, context.socket(TYPES[b].number) as connecting:
        monitor = connecting.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
        binding.bind(f"ipc://{folder}/x")
        connecting.connect(f"ipc://{folder}/x")
        assert monitor.poll(2000)
        event = int.from_bytes(monitor.recv_multipart()[0][:2], "little")
        connecting.disable_monitor()
        assert (event == zmq.EVENT_HANDSHAKE_SUCCEEDED) == compatible(a, b)


def test_feeds_only_from_sources_to_sinks() -> None:
    flows = {(a, b) for a, b in ALL_PAIRS if feeds(a, b) and not TYPES[a].draft}
    assert flows == {
        ("PUB", "SUB"),
        ("PUB", "XSUB"),
        ("XPUB", "SUB"),
        ("XPUB", "XSUB"),
        ("PUSH", "PULL"),
        ("REQ", "REP"),
        ("REQ", "ROUTER"),
        ("DEALER", "REP"),
        ("DEALER", "ROUTER"),
    }


def test_feeds_never_goes_both_ways() -> None:
    assert not any(feeds(a, b) and feeds(b, a) for a, b in ALL_PAIRS)
    assert all(compatible(a, b) for a, b in ALL_PAIRS if feeds(a, b))
