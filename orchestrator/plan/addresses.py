"""From symbolic endpoints to addresses, once the run folder and the kernel's ports are known. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from orchestrator.plan.model import Endpoint


def resolve(
    endpoints: Iterable[Endpoint], ipc_path: Callable[[str], str], ports: Mapping[str, str]
) -> dict[str, Endpoint]:
    """Return endpoints by name, with addresses.

    ``ipc_path`` gives the path of a socket in the run folder for an endpoint's name, ``ports`` the address of each tcp
    endpoint (``tcp://127.0.0.1:40123``). An endpoint whose port is not among them is left out.
    """
    resolved = {}
    for endpoint in endpoints:
        if endpoint.transport == "fixed":
            resolved[endpoint.name] = endpoint
            continue
        address = f"ipc://{ipc_path(endpoint.name)}" if endpoint.transport == "ipc" else ports.get(endpoint.name)
        if address is not None:
            resolved[endpoint.name] = replace(endpoint, address=address, connect=address)
    return resolved


def symbolic(endpoint: Endpoint) -> str:
    """Return an endpoint's address for people, before it is known: ``ipc://$RUN/feed.ticks``."""
    match endpoint.transport:
        case "ipc":
            return f"ipc://$RUN/{endpoint.name}"
        case "tcp":
            return "tcp://127.0.0.1:$PORT"
        case "fixed":
            return endpoint.address
