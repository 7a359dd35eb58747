"""Which links between the processes of a mesh are up, as the kernel sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping

from orchestrator.observe import sock_diag

Up = Counter[tuple[str, str, str]]
"""How many connections are up, by endpoint, binding and connecting process."""


def up(addresses: Mapping[str, str], pids: Mapping[int, str], running: Container[str]) -> Up:
    """Count the connections to the addresses of endpoints between processes, where the program of who binds runs."""
    by_address = {address: name for name, address in addresses.items()}
    found: Up = Counter()
    for (address, binding, connecting), count in sock_diag.connections(addresses.values(), pids).items():
        if pids[binding] in running:
            found[by_address[address], pids[binding], pids[connecting]] += count
    return found
