"""Links to programs outside of a mesh: which are up, as the kernel sees it, and at which addresses nobody listens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from orchestrator.observe import sock_diag
from orchestrator.plan.links import ExternalLink


def up(links: Iterable[ExternalLink], addresses: Mapping[str, str], pids: Mapping[int, str]) -> Counter[ExternalLink]:
    """Count the established connections of each link."""
    wanted = [each for each in links if each.endpoint in addresses]
    found: Counter[ExternalLink] = Counter()
    if not wanted:
        return found
    owner = {inode: pids[pid] for inode, pid in sock_diag.inodes(pids)}
    # Once each: the kernel's table may show one twice while others come and go.
    ends = {(local, remote): inode for local, remote, inode in sock_diag.tcp_connections()}
    unix = list(sock_diag.unix_connections()) if any(_is_ipc(addresses[each.endpoint]) for each in wanted) else []
    for each in wanted:
        address = addresses[each.endpoint]
        if _is_ipc(addresses[each.endpoint]):
            name = sock_diag.name_of(address)
            for path, inode, peer in unix:
                own, other = (inode, peer) if each.binds else (peer, inode)
                found[each] += path == name and owner.get(own) == each.process and other not in owner
            continue
        host, port = host_of(address), sock_diag.port_of(address)
        for (local, remote), inode in ends.items():
            at = local if each.binds else remote
            fits = at[1] == port and (each.binds or host is None or at[0] == host)
            found[each] += fits and owner.get(inode) == each.process and ends.get((remote, local)) not in owner
    return found


def _is_ipc(address: str) -> bool:
    return address.startswith("ipc://")


def host_of(address: str) -> str | None:
    """Return the host of an address where it is a number, else None: nobody asks a name server here."""
    host = address.rpartition("://")[2].rpartition(";")[2].rpartition(":")[0].strip("[]")
    host = {"localhost": "127.0.0.1"}.get(host, host)
    return host if ":" in host or re.fullmatch(r"[0-9.]+", host) else None


def is_deserted(address: str) -> bool:
    """Return whether an address is of this machine, and nobody listens there."""
    if address.startswith("ipc://"):
        return not sock_diag.unix_listeners(sock_diag.name_of(address))
    return (host_of(address) or "").startswith(("127.", "::1")) and not sock_diag.tcp_listeners(
        sock_diag.port_of(address)
    )
