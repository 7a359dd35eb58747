"""The listening sockets that outlive the processes which accept on them."""

from __future__ import annotations

import contextlib
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from orchestrator.contract.messages import Message

PROBE_TIMEOUT = 0.2
"""Seconds that a socket file's owner has to answer before the file counts as left behind."""


@dataclass(frozen=True, slots=True)
class Listener:
    """One held socket, and the address that its program binds."""

    socket: socket.socket
    address: str

    @property
    def path(self) -> str:
        """The file of an ipc address, empty for tcp."""
        return self.address.removeprefix("ipc://") if self.address.startswith("ipc://") else ""


class Listeners:
    """All that are held, by the name of their endpoint."""

    def __init__(self) -> None:
        self._held: dict[str, Listener] = {}

    def names(self) -> list[str]:
        """Give the names of what is held."""
        return list(self._held)

    def fileno(self, name: str) -> int:
        """Give the descriptor of an endpoint. Raise KeyError."""
        return self._held[name].socket.fileno()

    def address(self, name: str) -> str:
        """Give the address of an endpoint. Raise KeyError."""
        return self._held[name].address

    def listen(self, name: str, address: str, backlog: int, reserve: bool) -> str:
        """Hold a socket at an address, once for each name; give the address with its port. Raise OSError."""
        if name not in self._held:
            made = _listen_ipc(address, backlog) if address.startswith("ipc://") else _tcp(address, backlog, reserve)
            self._held[name] = made
        return self._held[name].address

    def adopt(self, name: str, address: str, fd: int) -> None:
        """Hold a socket that somebody else made."""
        self.drop(name, unlink=False)
        self._held[name] = Listener(socket.socket(fileno=fd), address)

    def drop(self, name: str, *, unlink: bool = True) -> None:
        """Let a socket go, its file too: who connects from now on is refused."""
        listener = self._held.pop(name, None)
        if listener is None:
            return
        listener.socket.close()
        if unlink and listener.path and not listener.path.startswith("@"):
            Path(listener.path).unlink(missing_ok=True)


def control_socket(path: str) -> socket.socket:
    """Make the control socket on which a process will hear the supervisor. Raise OSError."""
    Path(path).unlink(missing_ok=True)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sock.bind(path)
    sock.listen(8)
    return sock


def _listen_ipc(address: str, backlog: int) -> Listener:
    path = address.removeprefix("ipc://")
    if not path.startswith("@"):
        _clear(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.bind("\0" + path[1:] if path.startswith("@") else path)
    sock.listen(backlog)
    return Listener(sock, address)


def _clear(path: str) -> None:
    # libzmq never unlinks a named ipc file, so a file alone does not say that somebody lives there.
    if not os.path.exists(path):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(PROBE_TIMEOUT)
        with contextlib.suppress(ConnectionRefusedError, TimeoutError, BlockingIOError):
            probe.connect(path)
            raise FileExistsError(f"{path}: another program listens there")
    os.unlink(path)


def _tcp(address: str, backlog: int, reserve: bool) -> Listener:
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("" if host == "*" else host.strip("[]"), 0 if port in ("*", "0") else int(port)))
        if not reserve:
            sock.listen(backlog)
    except OSError:
        sock.close()
        raise
    return Listener(sock, f"tcp://{host}:{sock.getsockname()[1]}")


def answer_listen(listeners: Listeners, endpoints: list[Message]) -> tuple[Message, tuple[int, ...]]:
    """Carry out a ``listen`` request: the answer's body and the descriptors of the addresses in it, in order."""
    addresses: dict[str, str] = {}
    errors: dict[str, str] = {}
    for each in endpoints:
        try:
            addresses[each["name"]] = listeners.listen(
                each["name"], each["address"], each["backlog"], each.get("reserve", False)
            )
        except OSError as error:
            errors[each["name"]] = f"{each['address']}: {error.strerror or error}"
    return {"addresses": addresses, "errors": errors}, tuple(listeners.fileno(name) for name in addresses)
