"""What the kernel shows of a mesh's connections, without touching the data path (proc(5), sock_diag(7))."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

ESTABLISHED, LISTENING = 1, 10
NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY = 20
NLM_F_REQUEST, NLM_F_DUMP = 0x1, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
UDIAG_SHOW_NAME, UDIAG_SHOW_PEER = 0x1, 0x4
UNIX_DIAG_NAME, UNIX_DIAG_PEER = 0, 2

Links = Counter[tuple[str, int, int]]
"""How many connections lead to an address, by the inodes' owners: (address, binding pid, connecting pid)."""


def listening(addresses: Iterable[str]) -> bool:
    """Tell whether somebody listens at each of these addresses (``tcp://HOST:PORT``, ``ipc://PATH``)."""
    rows = list(_unix()) if any(each.startswith("ipc://") for each in addresses) else []
    paths = {name for name, state, _, _ in rows if state == LISTENING}
    ports = {local for local, _, state, _ in _tcp() if state == LISTENING}
    return all(_name(each) in paths if each.startswith("ipc://") else _port(each) in ports for each in addresses)


def connections(addresses: Iterable[str], pids: Iterable[int]) -> Links:
    """Count the accepted connections to these addresses between these processes."""
    owner = dict(_inodes(pids))
    wanted = {_name(each) if each.startswith("ipc://") else _port(each): each for each in addresses}
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


def _name(address: str) -> str:
    path = address.removeprefix("ipc://")
    return "\0" + path[1:] if path.startswith("@") else path


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])


def _inodes(pids: Iterable[int]) -> Iterator[tuple[int, int]]:
    for pid in pids:
        with contextlib.suppress(OSError):
            for fd in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    target = os.readlink(f"/proc/{pid}/fd/{fd}")
                    if target.startswith("socket:["):
                        yield int(target[8:-1]), pid


def _tcp() -> Iterator[tuple[int, int, int, int]]:
    """Give local port, remote port, state and inode of the machine's tcp sockets."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                local, remote = fields[1].rpartition(":")[2], fields[2].rpartition(":")[2]
                yield int(local, 16), int(remote, 16), int(fields[3], 16), int(fields[9])


def _unix() -> Iterator[tuple[str, int, int, int]]:
    """Give name, state, inode and the peer's inode of the machine's Unix stream sockets."""
    show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER
    body = struct.pack("=BBHIIIII", socket.AF_UNIX, 0, 0, 0xFFFFFFFF, 0, show, 0xFFFFFFFF, 0xFFFFFFFF)
    header = struct.pack("=IHHII", 16 + len(body), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, NETLINK_SOCK_DIAG) as diag:
        diag.settimeout(2)
        diag.send(header + body)
        while True:
            data = diag.recv(256 * 1024)
            offset = 0
            while offset + 16 <= len(data):
                length, kind = struct.unpack_from("=IH", data, offset)
                if kind in (NLMSG_DONE, NLMSG_ERROR):
                    return
                yield _unix_row(data[offset + 16 : offset + length])
                offset += (length + 3) & ~3


def _unix_row(row: bytes) -> tuple[str, int, int, int]:
    state, inode = row[2], struct.unpack_from("=I", row, 4)[0]
    name, peer, offset = "", 0, 16
    while offset + 4 <= len(row):
        length, kind = struct.unpack_from("=HH", row, offset)
        value = row[offset + 4 : offset + length]
        if kind == UNIX_DIAG_NAME:
            name = os.fsdecode(value if value[:1] == b"\0" else value.rstrip(b"\0"))
        elif kind == UNIX_DIAG_PEER:
            peer = struct.unpack("=I", value)[0]
        offset += max((length + 3) & ~3, 4)
    return name, state, inode, peer
