from __future__ import annotations

import pytest
import zmq

from orchestrator.delivery.routing import send


def test_a_peer_is_there_or_gone() -> None:
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router, context.socket(zmq.DEALER) as dealer:
        router.setsockopt(zmq.ROUTER_MANDATORY, 1)
        dealer.setsockopt(zmq.ROUTING_ID, b"one")
        router.bind("inproc://routing")
        dealer.connect("inproc://routing")
        dealer.send(b"hello")
        assert router.recv_multipart() == [b"one", b"hello"]
        assert send(router, b"one", b"word")
        assert dealer.recv() == b"word"
        assert not send(router, b"other", b"word")


def test_another_error_is_raised() -> None:
    with zmq.Context() as context:
        router = context.socket(zmq.ROUTER)
        router.close()
        with pytest.raises(zmq.ZMQError):
            send(router, b"one", b"word")
