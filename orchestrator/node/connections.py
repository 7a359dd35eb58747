"""The kernel's connections of this process, found by their addresses: libzmq does not name its descriptors.

Linux only; elsewhere none are found. See unix(7), ip(7), proc(5).
"""

from __future__ import annotations

import os
import socket
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress

from orchestrator.contract.peer import credentials

Key = tuple[str, str, int]
"""Transport, path or IP address (empty: any), port."""


def live(binds: Iterable[str], connects: Iterable[str]) -> Iterator[int]:
    """Yield the descriptors of connections accepted at one of ``binds`` or made to one of ``connects``."""
    near, far = _both(binds, connects)
    if not near and not far:
        return
    for descriptor in _sockets():
        with suppress(OSError):
            if _belongs(descriptor, near, far):
                yield descriptor


def leads(descriptor: int, binds: Iterable[str], connects: Iterable[str]) -> bool:
    """Return whether a descriptor is a connection accepted at one of ``binds`` or made to one of ``connects``."""
    with suppress(OSError):
        return _belongs(descriptor, *_both(binds, connects))
    return False


def peer(descriptor: int) -> int:
    """Return the pid of who has connected to a Unix socket, 0 where that is not known."""
    with suppress(OSError), socket.socket(-1, socket.SOCK_STREAM | socket.SOCK_NONBLOCK, fileno=descriptor) as sock:
        try:
            if sock.family == socket.AF_UNIX:
                return credentials(sock).pid
        finally:
            sock.detach()
    return 0


def unread(descriptor: int) -> int:
    """Return how many bytes that were sent the peer has not read, or over tcp its kernel not taken.

    SIOCOUTQ, which is TIOCOUTQ for Unix sockets and tcp alike (unix(7), tcp(7), tty_ioctl(4)). Raise OSError.
    """
    import fcntl
    import termios

    return int.from_bytes(fcntl.ioctl(descriptor, termios.TIOCOUTQ, b"\0\0\0\0"), sys.byteorder)


def inode(descriptor: int) -> int:
    """Return the number that tells one socket from all others, however many descriptors it has. Raise OSError."""
    return os.fstat(descriptor).st_ino


def _both(binds: Iterable[str], connects: Iterable[str]) -> tuple[set[Key], set[Key]]:
    near = {(kind, name if kind == "ipc" else "", port) for kind, name, port in _keys(binds)}
    far = _keys(connects)
    far |= {(kind, "", port) for kind, name, port in far if kind == "tcp" and not _is_ip(name)}
    return near, far


def _sockets() -> Iterator[int]:
    try:
        names = os.listdir("/proc/self/fd")
    except OSError:
        return
    for name in names:
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                yield int(name)


def _belongs(descriptor: int, near: set[Key], far: set[Key]) -> bool:
    # A non-blocking type keeps Python from changing the descriptor's mode (socket.setdefaulttimeout).
    sock = socket.socket(-1, socket.SOCK_STREAM | socket.SOCK_NONBLOCK, fileno=descriptor)
    try:
        if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            return False
        kind, name, port = _key(sock.family, sock.getsockname())
        if (kind, name if kind == "ipc" else "", port) in near:
            return True
        kind, name, port = _key(sock.family, sock.getpeername())
        return (kind, name, port) in far or (kind, "", port) in far
    finally:
        sock.detach()


def _key(family: int, address: object) -> Key:
    if family == socket.AF_UNIX:
        path = os.fsdecode(address) if isinstance(address, bytes) else str(address)
        return "ipc", path.replace("\0", "@", 1), 0
    if family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
        return "tcp", str(address[0]).removeprefix("::ffff:"), int(address[1])
    return "", "", 0


def _keys(addresses: Iterable[str]) -> set[Key]:
    found: set[Key] = set()
    for address in addresses:
        kind, _, rest = address.partition("://")
        if kind == "ipc":
            found.add((kind, rest, 0))
        elif kind in ("tcp", "ws", "wss"):
            host, _, port = rest.rpartition(";")[2].partition("/")[0].rpartition(":")
            if port.isdecimal():
                found.add(("tcp", host.strip("[]"), int(port)))
    return found


def _is_ip(host: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError):
            socket.inet_pton(family, host)
            return True
    return False
