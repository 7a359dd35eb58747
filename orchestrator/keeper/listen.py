"""The listening sockets that outlive the processes which accept on them."""

from __future__ import annotations

import contextlib
import os
import socket
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Listener:
    """One held socket, and the address that its program binds."""

    socket: socket.socket
    address: str

    def close(self) -> None:
        """Let it go, its file too: who connects from now on is refused."""
        self.socket.close()
        path = self.address.removeprefix("ipc://")
        if path != self.address and not path.startswith("@"):
            Path(path).unlink(missing_ok=True)


def listen(address: str, backlog: int, reserve: bool) -> Listener:
    """Make a listening socket, or one that is only bound, so that nobody else can have its port. Raise OSError."""
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    path = address.removeprefix("ipc://")
    target: str | tuple[str, int]
    if path != address:
        family, target = socket.AF_UNIX, "\0" + path[1:] if path.startswith("@") else path
        _clear(path)
    else:
        family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
        target = ("" if host == "*" else host.strip("[]"), 0 if port in ("*", "0") else int(port))
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(target)
        if not reserve:
            made.listen(backlog)
    except OSError:
        made.close()
        raise
    return Listener(made, address if path != address else f"tcp://{host}:{made.getsockname()[1]}")


def _clear(path: str) -> None:
    """Remove the socket file of one who is gone: libzmq leaves it behind, so a file alone says nothing."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            if Path(path).is_socket():
                os.unlink(path)
