"""A client's side of the control socket."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from typing import Any

from orchestrator.contract.codec import A, BadMessage, Request
from orchestrator.contract.peer import credentials
from orchestrator.control import verbs
from orchestrator.control.messages import Message
from orchestrator.errors import OrchestratorError

LONGEST = 64 * 1024 * 1024
"""Longest answer in bytes."""


class Unreachable(OrchestratorError):
    """No supervisor answers."""


class Refused(OrchestratorError):
    """The supervisor answered that it would not, or it is none of this user's; the text says why."""


def ask(path: str, request: Request[A], timeout: float | None = 10.0) -> A:
    """Send one request to the supervisor whose socket is ``path`` and return what it answers under ``ok``.

    ``timeout`` in seconds bounds each step, None waits. Raise Unreachable, or Refused with the supervisor's words,
    where another user answers (that one is sent nothing), and where its answer cannot be read.
    """
    answer, fds = take(path, request, timeout)
    for fd in fds:
        os.close(fd)
    return answer


def take(path: str, request: Request[A], timeout: float | None = 10.0) -> tuple[A, list[int]]:
    """Ask as ``ask`` does; return the descriptors too that come with the answer."""
    answer, fds = exchange(path, verbs.encode(request), timeout)
    try:
        return request.read(answer), fds
    except BadMessage as error:
        for fd in fds:
            os.close(fd)
        raise Refused(f"its answer cannot be read: {error}") from None


def exchange(path: str, request: Message, timeout: float | None = 10.0) -> tuple[Any, list[int]]:
    """Send a request as it is and return what is answered as it is, with descriptors. Raise as ``ask``."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(timeout)
        try:
            sock.connect(path)
            if (uid := credentials(sock).uid) != os.getuid():
                raise Refused(f"{path}: uid {uid} answers there, not you (uid {os.getuid()})")
            with contextlib.suppress(BrokenPipeError):  # it has hung up, and may have said why
                sock.sendall(json.dumps(request, separators=(",", ":")).encode() + b"\n")
            line, fds = _line(sock)
        except TimeoutError:
            raise Unreachable(f"no answer within {timeout:g} s") from None
        except OSError as error:
            raise Unreachable(error.strerror or str(error)) from None
    return _unpack(line), fds


def reachable(path: str) -> bool:
    """Return whether a supervisor of this user listens at ``path``."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(1.0)
        try:
            sock.connect(path)
        except (TimeoutError, BlockingIOError):
            return True  # its backlog is full, so it is there
        except OSError:
            return False
        return credentials(sock).uid == os.getuid()


def _line(sock: socket.socket) -> tuple[bytes, list[int]]:
    parts: list[bytes] = []
    fds: list[int] = []
    length = 0
    while length <= LONGEST:
        # They come with the first bytes; the kernel allows 253 (unix(7), SCM_MAX_FD).
        part, more, _, _ = socket.recv_fds(sock, 256 * 1024, 253, socket.MSG_CMSG_CLOEXEC)
        fds += more
        parts.append(part)
        length += len(part)
        if not part or part.endswith(b"\n"):
            return b"".join(parts), fds
    raise Unreachable(f"an answer of more than {LONGEST} bytes")


def _unpack(line: bytes) -> Any:
    try:
        answer = json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        answer = None
    if isinstance(answer, dict) and "error" in answer:
        raise Refused(str(answer["error"]))
    if not isinstance(answer, dict) or "ok" not in answer:
        raise Unreachable("the connection ended in the middle of an answer" if line else "it hung up")
    return answer["ok"]
