"""What flows on edges, as far as the kernel counts it: nothing of it touches the data path.

Of a tcp connection the kernel counts the bytes (tcp(7), TCP_INFO), of a Unix one it does not; of both it tells how many
wait to be read. Messages nobody counts: libzmq has no counters that another thread could read.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from orchestrator.observe import sock_diag
from orchestrator.plan.links import Links, Peer

UDIAG_SHOW_RQLEN, UNIX_DIAG_RQLEN = 0x10, 4
INET_DIAG_INFO = 2
RECEIVED_AT = 128
"""Offset of tcpi_bytes_received in struct tcp_info (<linux/tcp.h>)."""


Document = dict[str, Any]


class Flow(NamedTuple):
    """One connection: its address, the inodes of both ends, bytes that have come to either (None: not counted), and
    bytes that wait there.
    """

    address: str
    binding: int
    connecting: int
    received: int | None
    waiting: int


def edges(links: Links, addresses: Mapping[str, str], pids: Mapping[int, str]) -> dict[str, Document]:
    """Return for each edge its links, its transport, the bytes that have come so far, and those that wait to be read.

    ``addresses`` are those of endpoints, ``pids`` say whose each process is.
    """
    edge_of: dict[tuple[str, str, str], str] = {}
    found: dict[str, Document] = {}
    for name, peer in _connecting(links):
        edge_of[peer.endpoint, peer.process, name] = peer.edge
        found.setdefault(peer.edge, _nothing(addresses.get(peer.endpoint, "")))["links"]["declared"] += 1
    by_address = {address: name for name, address in addresses.items() if name in links.binders}
    owner = dict(sock_diag.inodes(pids))
    for flow in _flows(by_address):
        ends = [pids.get(owner.get(inode, 0), "") for inode in (flow.binding, flow.connecting)]
        if at := edge_of.get((by_address[flow.address], ends[0], ends[1])):
            of = found[at]
            of["links"]["up"] += 1
            of["waiting"] += flow.waiting
            if flow.received is not None:
                of["bytes"] = (of["bytes"] or 0) + flow.received
    return found


def _connecting(links: Links) -> Iterator[tuple[str, Peer]]:
    return ((name, peer) for name, peers in links.peers.items() for peer in peers if not peer.binds)


def _nothing(address: str) -> Document:
    transport = address.partition("://")[0]
    return {"links": {"up": 0, "declared": 0}, "transport": transport, "bytes": None, "waiting": 0}


def _flows(addresses: dict[str, str]) -> Iterator[Flow]:
    paths = {sock_diag.name_of(each): each for each in addresses if each.startswith("ipc://")}
    ports = {sock_diag.port_of(each): each for each in addresses if each.startswith("tcp://")}
    with contextlib.suppress(OSError):
        if paths:
            yield from _unix(paths)
    with contextlib.suppress(OSError):
        if ports:
            yield from _tcp(ports)


def _unix(paths: dict[str, str]) -> Iterator[Flow]:
    show = sock_diag.UDIAG_SHOW_NAME | sock_diag.UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN
    named: dict[int, tuple[str, int]] = {}
    waiting: dict[int, int] = {}
    for row in sock_diag.dump(sock_diag.unix_request(show)):
        inode = struct.unpack_from("=I", row, 4)[0]
        about = dict(sock_diag.attributes(row, 16))
        if row[2] == sock_diag.ESTABLISHED and UNIX_DIAG_RQLEN in about:
            waiting[inode] = struct.unpack_from("=I", about[UNIX_DIAG_RQLEN])[0]
        name = sock_diag.unix_name(about.get(sock_diag.UNIX_DIAG_NAME, b""))
        if name in paths and sock_diag.UNIX_DIAG_PEER in about:
            named[inode] = name, struct.unpack("=I", about[sock_diag.UNIX_DIAG_PEER])[0]
    for inode, (name, peer) in named.items():
        yield Flow(paths[name], inode, peer, None, waiting.get(inode, 0) + waiting.get(peer, 0))


def _tcp(ports: dict[int, str]) -> Iterator[Flow]:
    rows = {(local, remote): rest for local, remote, *rest in map(_tcp_row, _tcp_rows())}
    for (local, remote), (inode, received, waiting) in rows.items():
        other = rows.get((remote, local))
        if local in ports and other is not None:
            yield Flow(ports[local], inode, other[0], received + other[1], waiting + other[2])


def _tcp_rows() -> Iterator[bytes]:
    """Yield the established connections of the machine: ``struct inet_diag_msg`` of <linux/inet_diag.h>."""
    for family in (socket.AF_INET, socket.AF_INET6):
        head = struct.pack("=BBBxI", family, socket.IPPROTO_TCP, 1 << (INET_DIAG_INFO - 1), 1 << sock_diag.ESTABLISHED)
        yield from sock_diag.dump(head + bytes(48))


def _tcp_row(row: bytes) -> tuple[int, int, int, int, int]:
    local, remote = struct.unpack_from(">HH", row, 4)
    waiting, inode = struct.unpack_from("=I", row, 56)[0], struct.unpack_from("=I", row, 68)[0]
    info = dict(sock_diag.attributes(row, 72)).get(INET_DIAG_INFO, b"")
    received = struct.unpack_from("=Q", info, RECEIVED_AT)[0] if len(info) >= RECEIVED_AT + 8 else 0
    return local, remote, inode, received, waiting
