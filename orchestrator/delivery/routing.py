"""Words to one peer of a ROUTER."""

from __future__ import annotations

from typing import Any

import zmq

_DONTWAIT = int(zmq.DONTWAIT)


def send(router: zmq.Socket[Any], peer: bytes, said: bytes) -> bool:
    """Say something to a peer that may be gone: it asks again if it is there. Return whether it is."""
    try:
        router.send_multipart([peer, said], _DONTWAIT)
    except zmq.Again:
        return True
    except zmq.ZMQError as error:
        if error.errno != zmq.EHOSTUNREACH:
            raise
        return False
    return True
