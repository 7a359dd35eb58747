"""The addresses that the file itself gives to bound sockets, by ``endpoint`` of an edge."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.errors import OrchestratorError
from orchestrator.plan.collector import Diagnostics
from orchestrator.plan.drafts import Written
from orchestrator.plan.expand.endpoint_variables import settle
from orchestrator.plan.expand.process_variables import Variables, fill_text, used_in
from orchestrator.plan.expand.replicas import EdgeEnd, EndResolver
from orchestrator.topology import model
from orchestrator.zeromq import endpoints


class Unusable(OrchestratorError, ValueError):
    """An address that cannot be used, with the code of what is wrong with it; others are bad endpoints."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def written_addresses(
    topology: model.Topology, ends: EndResolver, found: Diagnostics
) -> dict[tuple[str, str, str], Written]:
    """Return the addresses that the file writes, by process, socket and transport. What is wrong goes to ``found``."""
    known: dict[tuple[str, str, str], Written] = {}
    owners: dict[str, tuple[str, str]] = {}
    for name, edge in topology.edges.items():
        if edge.endpoint is not None:
            try:
                _edge(topology.name, name, edge.endpoint, ends.of(edge.bind), known, owners)
            except ValueError as error:
                code = "Z202" if isinstance(error, endpoints.TooLong) else "Z205"
                code = error.code if isinstance(error, Unusable) else code
                found.add(code, ("edges", name, "endpoint"), str(error))
    return known


def _edge(
    mesh: str,
    edge: str,
    text: str,
    binding: Iterable[EdgeEnd],
    known: dict[tuple[str, str, str], Written],
    owners: dict[str, tuple[str, str]],
) -> None:
    bound = [(end, port) for end in binding for port in end.ports]
    for place, (end, port) in enumerate(bound):
        process = port.process
        transport, item = _address(edge, text, end, end.members.variables(mesh, port.number), place)
        earlier = known.setdefault((process, end.socket, transport), item)
        if earlier.address != item.address:
            raise Unusable(
                "S015",
                f"{process}.{end.socket} binds {earlier.address} on edge {earlier.edge}, here {item.address}; "
                "edges that share a bound socket and a transport share one endpoint",
            )
        owner = owners.setdefault(item.address, (process, end.socket))
        if owner != (process, end.socket) and not end.members.external:
            raise Unusable(
                "Z107",
                f"{'.'.join(owner)} and {process}.{end.socket} would both bind {item.address}; "
                "expected an address of their own, by a range of ports (5600-5649) or ${index}",
            )


def _address(edge: str, text: str, end: EdgeEnd, variables: Variables, place: int) -> tuple[str, Written]:
    """Return transport and address of one bound socket. Raise ValueError, saying what is wrong."""
    for name in used_in(text):
        if variables.get(name) is None or isinstance(variables[name], dict | list):
            raise Unusable("S020", f"${{{name}}} has no text for {variables['process']}, which binds")
    parsed = endpoints.parse(settle(fill_text(text, variables)))
    if parsed.transport == "inproc":
        raise Unusable("Z201", f"{parsed} does not leave its process; expected ipc:// or tcp://")
    if parsed.wildcard:
        raise ValueError(f"{parsed} is known only once it is bound; write `transport: {parsed.transport}` instead")
    if parsed.addresses > 1 and end.members.external:
        raise ValueError(f"{parsed} is a range, but {end.members.name} is external; expected one port")
    if parsed.addresses > 1:
        if place >= parsed.addresses:
            raise ValueError(f"{parsed} holds {parsed.addresses} ports, too few for the processes of {end.reference}")
        parsed = parsed.nth(place)
    return parsed.transport, Written(str(parsed), str(endpoints.connectable(parsed)), edge)
