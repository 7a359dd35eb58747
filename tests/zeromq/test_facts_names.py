"""What routing ids are worth: why no peer of a delivery is known by its name alone, and how one learns of the other."""

from __future__ import annotations

import zmq

from tests.support.sockets import QUIET, Context, Socket
from tests.support.waiting import until


def router(context: Context, name: bytes, **options: int) -> Socket:
    socket = context.socket(zmq.ROUTER)
    socket.routing_id = name
    for option, value in ({"router_handover": 1, "router_mandatory": 1, "immediate": 1} | options).items():
        socket.setsockopt(zmq.SocketOption[option.upper()], value)
    return socket


def hears(sender: Socket, to: bytes, receiver: Socket, body: bytes) -> bool:
    """Tell whether what one sends arrives."""
    until(lambda: _sent(sender, to, body))
    return bool(receiver.poll(QUIET)) and receiver.recv_multipart()[1] == body


def _sent(sender: Socket, to: bytes, body: bytes) -> bool:
    try:
        sender.send_multipart([to, body], zmq.DONTWAIT)
    except zmq.ZMQError as error:
        if error.errno != zmq.EHOSTUNREACH:
            raise
        return False
    return True


def test_who_was_robbed_of_its_name_is_mute_for_good(context: Context, folder: str) -> None:
    """Its connection stands, it can send, and nothing of that arrives; also when the robber has gone."""
    receiver, true = router(context, b"receiver"), router(context, b"sender")
    receiver.bind(f"ipc://{folder}/s")
    true.connect(f"ipc://{folder}/s")
    assert hears(true, b"receiver", receiver, b"one")
    with zmq.Context() as other, other.socket(zmq.DEALER) as robber:
        robber.routing_id = b"sender"
        robber.linger = 0
        robber.connect(f"ipc://{folder}/s")
        robber.send(b"forged")
        assert receiver.recv_multipart() == [b"sender", b"forged"]
        assert not hears(true, b"receiver", receiver, b"two")
    assert not hears(true, b"receiver", receiver, b"three")


def test_a_name_of_ones_own_is_not_taken(context: Context, folder: str) -> None:
    receiver, true = router(context, b"receiver"), router(context, b"sender 1 one")
    receiver.bind(f"ipc://{folder}/s")
    true.connect(f"ipc://{folder}/s")
    with zmq.Context() as other, other.socket(zmq.DEALER) as another:
        another.routing_id = b"sender 1 two"
        another.linger = 0
        another.connect(f"ipc://{folder}/s")
        another.send(b"forged")
        assert receiver.recv_multipart() == [b"sender 1 two", b"forged"]
        assert hears(true, b"receiver", receiver, b"two")


def test_a_probe_tells_of_each_connection_whoever_binds(context: Context, folder: str) -> None:
    for bound, (binds, connects) in enumerate([("receiver", "sender"), ("sender", "receiver")]):
        address = f"ipc://{folder}/{bound}"
        made = {
            "receiver": router(context, b"receiver", probe_router=1),
            "sender": router(context, b"sender"),
        }
        made[binds].bind(address)
        made[connects].connect(address)
        heard: list[list[bytes]] = []

        def probed(count: int, made: dict[str, Socket] = made, heard: list[list[bytes]] = heard) -> bool:
            made["receiver"].poll(0)  # a socket sees its new connections once it is used
            if made["sender"].poll(0):
                heard.append(made["sender"].recv_multipart())
            return len(heard) == count

        until(lambda: probed(1))
        made[connects].disconnect(address)
        made[connects].connect(address)
        until(lambda: probed(2))
        assert heard == [[b"receiver", b""]] * 2
