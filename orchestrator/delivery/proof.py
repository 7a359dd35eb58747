"""Who speaks on an edge, and how that is proved.

A socket has another routing id in each life of its process, ``NAME GENERATION RANDOM``: nobody takes over the
connection of another one. What begins a conversation carries a token under a secret that the processes of the edge
alone have, in their wirings.
"""

from __future__ import annotations

import os
from hashlib import blake2s
from hmac import compare_digest
from typing import NamedTuple

TOKEN_SIZE = 16


class Peer(NamedTuple):
    """Who a connection says that it is: a socket, ``process.socket``, and the generation of its process."""

    name: str
    generation: int


def routing_id(name: str, generation: int) -> bytes:
    """Return a routing id that nobody has had before."""
    return f"{name} {generation} {os.urandom(8).hex()}".encode()


def peer_of(routing_id: bytes) -> Peer | None:
    """Return who says so; None where it is nobody of a mesh."""
    name, _, rest = routing_id.partition(b" ")
    generation, _, random = rest.partition(b" ")
    if not name or not random or not generation.isdigit():
        return None
    try:
        return Peer(name.decode(), int(generation))
    except UnicodeDecodeError:
        return None


def token(secret: bytes, *said: bytes) -> bytes:
    """Return the token of what is said: keyed blake2s of the parts, each behind its length (32 bits, little endian)."""
    made = blake2s(key=secret, digest_size=TOKEN_SIZE)
    for part in said:
        made.update(len(part).to_bytes(4, "little") + part)
    return made.digest()


def proves(secret: bytes, given: bytes, *said: bytes) -> bool:
    """Return whether a token is that of what is said; where there is no secret each is."""
    return not secret or compare_digest(token(secret, *said), given)
