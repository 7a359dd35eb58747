"""What the kernel shows of a mesh's connections, without touching the data path (proc(5), sock_diag(7))."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path

ESTABLISHED, LISTENING = 1, 10
NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY = 20
NLM_F_REQUEST, NLM_F_DUMP = 0x1, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
UDIAG_SHOW_NAME, UDIAG_SHOW_VFS, UDIAG_SHOW_PEER = 0x1, 0x2, 0x4
UNIX_DIAG_NAME, UNIX_DIAG_VFS, UNIX_DIAG_PEER = 0, 1, 2

Links = Counter[tuple[str, int, int]]
"""How many connections lead to an address, by the inodes' owners: (address, binding pid, connecting pid)."""


def listening(addresses: Sequence[str], pids: Callable[[], Collection[int]]) -> bool:
    """Return whether these processes listen at each of these addresses (``tcp://HOST:PORT``, ``ipc://PATH``).

    ``pids`` is called where somebody does. Where one of them is another user's, and cannot be looked into, anybody
    counts.
    """
    found: dict[str | int, set[int]] = defaultdict(set)
    for name, state, inode, _ in _unix() if any(each.startswith("ipc://") for each in addresses) else ():
        if state == LISTENING:
            found[name].add(inode)
    for port, _, state, inode in _tcp():
        if state == LISTENING:
            found[port].add(inode)
    wanted = [found.get(name_of(each) if each.startswith("ipc://") else port_of(each)) for each in addresses]
    if not all(wanted):
        return False
    own = pids()
    held = {inode for inode, _ in inodes(own)}
    return any(_closed(pid) for pid in own) or all(each and not held.isdisjoint(each) for each in wanted)


def tcp_connections() -> Iterator[tuple[tuple[str, int], tuple[str, int], int]]:
    """Yield local and remote address and the inode of the machine's established tcp connections."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if int(fields[3], 16) == ESTABLISHED:
                    yield _at(fields[1]), _at(fields[2]), int(fields[9])


def _at(text: str) -> tuple[str, int]:
    """Read ``0100007F:1F90``: words of four bytes in the machine's order (proc_net_tcp.rst of the kernel)."""
    host, _, port = text.partition(":")
    octets = b"".join(struct.pack("=I", int(host[at : at + 8], 16)) for at in range(0, len(host), 8))
    octets = octets.removeprefix(bytes(10) + b"\xff\xff")
    return socket.inet_ntop(socket.AF_INET if len(octets) == 4 else socket.AF_INET6, octets), int(port, 16)


def unix_connections() -> Iterator[tuple[str, int, int]]:
    """Return path, inode and the peer's inode of the accepted Unix connections."""
    return ((name, inode, peer) for name, state, inode, peer in _unix() if name and state == ESTABLISHED)


def tcp_listeners(port: int) -> set[int]:
    """Return the inodes of the sockets that listen at a port, at whatever address."""
    return {inode for local, _, state, inode in _tcp() if local == port and state == LISTENING}


def unix_listeners(path: str) -> set[int]:
    """Return the inodes of the sockets that listen at a path, whatever they call it, or under an abstract name."""
    try:
        file = 0 if path.startswith("\0") else os.stat(path).st_ino & 0xFFFFFFFF
    except OSError:
        return set()
    found = set()
    for row in dump(unix_request(UDIAG_SHOW_NAME | UDIAG_SHOW_VFS)):
        about = dict(attributes(row, 16))
        name = unix_name(about.get(UNIX_DIAG_NAME, b""))
        same_file = file and struct.unpack_from("=I", about.get(UNIX_DIAG_VFS, bytes(4)))[0] == file
        if row[2] == LISTENING and (name == path or (same_file and Path(name).name == Path(path).name)):
            found.add(int(struct.unpack_from("=I", row, 4)[0]))
    return found


def connections(addresses: Iterable[str], pids: Iterable[int]) -> Links:
    """Count the accepted connections to these addresses between these processes."""
    owner = dict(inodes(pids))
    wanted = {name_of(each) if each.startswith("ipc://") else port_of(each): each for each in addresses}
    found: Links = Counter()
    for name, state, inode, peer in _unix():
        # A connection that nobody has accepted yet has no inode on the accepting side.
        if state == ESTABLISHED and name in wanted and inode in owner and peer in owner:
            found[wanted[name], owner[inode], owner[peer]] += 1
    rows = [row for row in _tcp() if row[2] == ESTABLISHED and row[3]]
    connecting = {(local, remote): inode for local, remote, _, inode in rows}
    for local, remote, _, inode in rows:
        other = connecting.get((remote, local), 0)
        if local in wanted and inode in owner and other in owner:
            found[wanted[local], owner[inode], owner[other]] += 1
    return found


def name_of(address: str) -> str:
    """Return the name that the kernel shows for ``ipc://...``: the path, or a zero and a name without a file."""
    path = address.removeprefix("ipc://")
    return "\0" + path[1:] if path.startswith("@") else path


def port_of(address: str) -> int:
    """Return the port of ``tcp://HOST:PORT``."""
    return int(address.rpartition(":")[2])


def inodes(pids: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the inodes of the sockets of processes, each with its owner's pid."""
    for pid in pids:
        with contextlib.suppress(OSError):
            for fd in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    target = os.readlink(f"/proc/{pid}/fd/{fd}")
                    if target.startswith("socket:["):
                        yield int(target[8:-1]), pid


def _closed(pid: int) -> bool:
    return os.path.exists(f"/proc/{pid}") and not os.access(f"/proc/{pid}/fd", os.R_OK)


def _tcp() -> Iterator[tuple[int, int, int, int]]:
    """Yield local port, remote port, state and inode of the machine's tcp sockets."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                local, remote = fields[1].rpartition(":")[2], fields[2].rpartition(":")[2]
                yield int(local, 16), int(remote, 16), int(fields[3], 16), int(fields[9])


def _unix() -> Iterator[tuple[str, int, int, int]]:
    """Return name, state, inode and the peer's inode of the machine's Unix stream sockets."""
    return map(_unix_row, dump(unix_request(UDIAG_SHOW_NAME | UDIAG_SHOW_PEER)))


def unix_request(show: int) -> bytes:
    """Return a request for all Unix sockets: ``struct unix_diag_req`` of <linux/unix_diag.h>."""
    return struct.pack("=BBHIIIII", socket.AF_UNIX, 0, 0, 0xFFFFFFFF, 0, show, 0xFFFFFFFF, 0xFFFFFFFF)


def dump(request: bytes) -> Iterator[bytes]:
    """Yield what the kernel answers to a request for sockets, one at a time (sock_diag(7))."""
    header = struct.pack("=IHHII", 16 + len(request), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, NETLINK_SOCK_DIAG) as diag:
        diag.settimeout(2)
        diag.send(header + request)
        while True:
            data = diag.recv(256 * 1024)
            offset = 0
            while offset + 16 <= len(data):
                length, kind = struct.unpack_from("=IH", data, offset)
                if kind in (NLMSG_DONE, NLMSG_ERROR):
                    return
                yield data[offset + 16 : offset + length]
                offset += (length + 3) & ~3


def attributes(row: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    """Yield the attributes behind the fixed part of a row: type and value (netlink(7))."""
    while offset + 4 <= len(row):
        length, kind = struct.unpack_from("=HH", row, offset)
        yield kind, row[offset + 4 : offset + length]
        offset += max((length + 3) & ~3, 4)


def _unix_row(row: bytes) -> tuple[str, int, int, int]:
    state, inode = row[2], struct.unpack_from("=I", row, 4)[0]
    name, peer = "", 0
    for kind, value in attributes(row, 16):
        if kind == UNIX_DIAG_NAME:
            name = unix_name(value)
        elif kind == UNIX_DIAG_PEER:
            peer = struct.unpack("=I", value)[0]
    return name, state, inode, peer


def unix_name(value: bytes) -> str:
    """Read the name of a Unix socket: a path, or one of the abstract namespace, which begins with a zero."""
    return os.fsdecode(value if value[:1] == b"\0" else value.rstrip(b"\0"))
