"""Links between the processes of a mesh: how many are declared, and how many are up as the kernel sees it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Mapping

from orchestrator.observe import sock_diag
from orchestrator.plan.links import Links

Up = Counter[tuple[str, str, str]]
"""How many connections are up, by endpoint, binding and connecting process."""

Counts = dict[str, dict[str, int]]
"""By edge, how many links are ``up`` and how many ``declared``."""


def up(addresses: Mapping[str, str], pids: Mapping[int, str], running: Container[str]) -> Up:
    """Count the connections to the addresses of endpoints between processes, where the program of who binds runs."""
    by_address = {address: name for name, address in addresses.items()}
    found: Up = Counter()
    for (address, binding, connecting), count in sock_diag.connections(addresses.values(), pids).items():
        if pids[binding] in running:
            found[by_address[address], pids[binding], pids[connecting]] += count
    return found


def counts(
    declared: Links, addresses: Mapping[str, str], pids: Mapping[int, str], running: Container[str]
) -> defaultdict[str, Counts]:
    """Return for each process and edge how many links are declared and how many are up, between passed gates."""
    found: defaultdict[str, Counts] = defaultdict(dict)
    connected = up({name: each for name, each in addresses.items() if name in declared.binders}, pids, running)
    for name, peers in declared.peers.items():
        for peer in peers:
            binder, connector = (name, peer.process) if peer.binds else (peer.process, name)
            link = found[name].setdefault(peer.edge, {"up": 0, "declared": 0})
            link["declared"] += 1
            link["up"] += min(1, connected[peer.endpoint, binder, connector])
    return found
