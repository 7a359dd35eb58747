"""Whose a zmq.Again is that a program has let through: the drain's, which is a clean end, or its own timeout's."""

from __future__ import annotations

from collections.abc import Collection
from types import TracebackType

import zmq

from orchestrator.node.sockets import SocketRecord


def is_the_drains(error: BaseException | None, wired: Collection[SocketRecord]) -> bool:
    """Return whether an error says only that the drain has ended a socket.

    libzmq does not tell of which socket it is. Where the program's variables do not either, it is the drain's if the
    drain has ended one, and no other one has a timeout of its own.
    """
    if isinstance(error, BaseExceptionGroup):
        return all(is_the_drains(each, wired) for each in error.exceptions)
    if not isinstance(error, zmq.Again):
        return False
    from orchestrator.delivery.drained import DrainedError  # few programs end by one

    if isinstance(error, DrainedError):
        return True
    ways, known = _call(error.__traceback__)
    meant = [each for each in wired if not known or each.raw.underlying in known]
    ended = [_is_ended(each, way) for each in meant for way in ways]
    timed = [_has_timeout(each, way) for each in meant for way in ways if not _is_ended(each, way)]
    return any(ended) and not any(timed)


def _is_ended(wired: SocketRecord, way: str) -> bool:
    return wired.deserted if way == "send" else wired.ended


def _has_timeout(wired: SocketRecord, way: str) -> bool:
    if wired.owned_elsewhere or wired.raw.closed or wired.wiring.retry is not None:
        return False  # what retries has one of ours, and does not let its Again through
    return int(wired.raw.getsockopt(zmq.SNDTIMEO if way == "send" else zmq.RCVTIMEO)) >= 0


def _call(traceback: TracebackType | None) -> tuple[tuple[str, ...], set[int]]:
    """Return whether it came out of a send or a receive, or both where nobody can tell, and which sockets it may be of.

    A socket's methods in Python have it as ``self``; around one in C only the caller's variables tell.
    """
    ways: tuple[str, ...] = ("send", "recv")
    frames = []
    while traceback is not None:
        frames.append(traceback.tb_frame)
        traceback = traceback.tb_next
    for frame in reversed(frames):
        method = frame.f_code.co_name.rpartition(".")[2].lstrip("_")
        if len(ways) > 1 and method.startswith(ways):
            ways = (method[:4],)
        found = [each for each in frame.f_locals.values() if isinstance(each, zmq.Socket)]
        if found or not frame.f_code.co_name.startswith("zmq.backend."):
            return ways, {each.underlying for each in found}
    return ways, set()
