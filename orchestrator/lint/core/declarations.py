"""The sockets that a topology declares, as rules look for them: by type, by option, all that are declared alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestrator.identity_map import IdentityMap

if TYPE_CHECKING:
    from orchestrator.topology.model import Node, Socket, Topology

SocketRef = tuple[str, str]
"""A node and one of its sockets."""


class SameDeclaration(NamedTuple):
    """A declaration, and all sockets that are declared so."""

    socket: Socket
    places: list[SocketRef]


class Declarations:
    """Views of the sockets of one topology."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.nodes: Mapping[str, Node] = topology.nodes

    @cached_property
    def alike(self) -> list[SameDeclaration]:
        """Sockets, grouped by their declaration: equal ones share an object."""
        found: IdentityMap[SameDeclaration] = IdentityMap()
        for name, node in self.nodes.items():
            for socket_name, socket in node.sockets.items():
                group = found.get(socket, None)
                if group is None:
                    group = found[socket] = SameDeclaration(socket, [])
                group.places.append((name, socket_name))
        return list(found.values())

    @cached_property
    def _with_option(self) -> dict[str, list[SameDeclaration]]:
        found: dict[str, list[SameDeclaration]] = defaultdict(list)
        for group in self.alike:
            for option in group.socket.options:
                found[option].append(group)
        return found

    def with_option(self, option: str) -> list[SameDeclaration]:
        """Return the sockets that have an option, written or by default."""
        return self._with_option.get(option, [])

    def declaring(self, option: str, wanted: Callable[[Any], bool] = bool) -> Iterator[tuple[SameDeclaration, Any]]:
        """Yield the sockets in whose declaration an option is written, with its value, where that is ``wanted``.

        A value that varies is text.
        """
        for group in self.with_option(option):
            value = group.socket.options[option]
            if wanted(value) and (places := [place for place in group.places if self.writes(place, option)]):
                yield SameDeclaration(group.socket, places), value

    def writes(self, place: SocketRef, option: str) -> bool:
        """Return whether a socket's own declaration holds an option, and not only a default."""
        written = self.topology.written("nodes", place[0], "sockets", place[1])
        return isinstance(written, dict) and option in written

    def socket(self, place: SocketRef) -> Socket:
        """Return a declared socket."""
        return self.nodes[place[0]].sockets[place[1]]

    def of_type(self, *types: str) -> Iterator[SameDeclaration]:
        """Return the sockets of some types."""
        return (group for group in self.alike if group.socket.type in types)
