"""Endpoints: the addresses that sockets bind and connect, ``tcp://127.0.0.1:5555`` or ``ipc:///run/x``.

Sources: zmq_tcp(7), zmq_ipc(7), zmq_inproc(7), zmq_udp(7); unix(7) for the length of paths. Stricter than libzmq, which
cuts ports to 16 bits, reads ``59x`` as 59 and takes ``127.1`` for an address.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

from orchestrator.errors import OrchestratorError

IPC_PATH_LIMIT = 107
"""Longest path of an ipc endpoint in bytes."""

ABSTRACT_LIMIT = 106
"""Longest name of an abstract ipc endpoint in bytes, behind its ``@``."""

TRANSPORTS = frozenset({"tcp", "ipc", "inproc"})
"""Transports that every libzmq has."""

OTHER_TRANSPORTS = frozenset({"ws", "wss", "pgm", "epgm", "norm", "udp", "tipc", "vmci"})
"""Transports of some builds of libzmq, systems or socket types."""

LOOPBACK_INTERFACE = "lo"
"""The name that Linux gives to the loopback interface; libzmq binds to interfaces by name, and connects to none."""

LOOPBACK_NAMES = frozenset(
    {"localhost", "localhost.localdomain", "localhost4", "localhost6", "ip6-localhost", "ip6-loopback"}
)
"""Names of loopback addresses in the hosts files of distributions; all below ``localhost`` too are (RFC 6761, 6.3)."""

WILDCARDS = frozenset({"*", "0.0.0.0", "[::]"})
"""Hosts that mean every interface; a peer cannot connect to them."""

Ports = tuple[int, int]

_WITH_PORT = frozenset({"tcp", "udp", "ws", "wss"})
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")
_DOTTED = r"[0-9.]+"
_PORTS = re.compile(r"([1-9][0-9]{0,4})(?:-([1-9][0-9]{0,4}))?")
_FORMS = "tcp://HOST:PORT, ipc://PATH or inproc://NAME"


class Endpoint(NamedTuple):
    """One endpoint; ``str`` gives it as it was written.

    ``address`` is what follows ``://``. For transports with ports ``host`` is a name, an address (IPv6 in brackets)
    or ``*``, and ``ports`` the first and the last one; None where the kernel chooses (``*`` or 0). ``source`` is the
    local address to connect from, empty where there is none. For ipc and inproc the address is all there is.
    """

    transport: str
    address: str
    host: str = ""
    ports: Ports | None = None
    source: str = ""

    def __str__(self) -> str:
        return f"{self.transport}://{self.address}"

    @property
    def addresses(self) -> int:
        """How many addresses a port range holds; 1 without a range."""
        return self.ports[1] - self.ports[0] + 1 if self.ports else 1

    @property
    def wildcard(self) -> bool:
        """Whether the address is known only once it is bound: a port or path that the system chooses."""
        if self.transport in _WITH_PORT:
            return self.ports is None
        return self.transport == "ipc" and self.address == "*"

    @property
    def abstract(self) -> bool:
        """Whether this is an ipc name of Linux that is no file."""
        return self.transport == "ipc" and self.address.startswith("@")

    @property
    def loopback(self) -> bool:
        """Whether what binds it is reached on this machine alone."""
        if self.transport in ("ipc", "inproc"):
            return True
        name = self.host.lower()
        if self.host == LOOPBACK_INTERFACE or name in LOOPBACK_NAMES or name.endswith(".localhost"):
            return True
        try:
            address = ip_address(self.host.strip("[]"))
        except ValueError:
            return False
        if isinstance(address, IPv6Address):
            return address.scope_id == LOOPBACK_INTERFACE or (address.ipv4_mapped or address).is_loopback
        return address.is_loopback

    def nth(self, index: int) -> Endpoint:
        """Return the address number ``index``, from 0, of a port range. Raise IndexError where it has fewer."""
        if not 0 <= index < self.addresses:
            raise IndexError(f"{self} holds {self.addresses}, not {index + 1}")
        if not self.ports or self.addresses == 1:
            return self
        first, last = self.ports
        port = first + index
        written = f":{first}-{last}"
        start = self.address.rindex(written)
        address = f"{self.address[:start]}:{port}{self.address[start + len(written) :]}"
        return self._replace(address=address, ports=(port, port))


class TooLong(OrchestratorError, ValueError):
    """A path that the kernel has no room for: 107 bytes (unix(7))."""


def parse(text: str) -> Endpoint:
    """Read an endpoint. Raise TooLong or another ValueError, saying in one line what is wrong, where it is none."""
    transport, separator, address = text.partition("://")
    if not separator:
        raise ValueError(f"{text!r} names no transport; expected {_FORMS}")
    if transport not in TRANSPORTS | OTHER_TRANSPORTS:
        known = transport.lower()
        hint = f"; did you mean {known}://?" if known in TRANSPORTS | OTHER_TRANSPORTS else f"; expected {_FORMS}"
        raise ValueError(f"unknown transport {transport!r}{hint}")
    if not address:
        raise ValueError(f"{transport}:// without an address; expected {_FORMS}")
    if "\0" in text:
        raise ValueError("an endpoint cannot hold a zero byte")
    if transport == "ipc":
        _check_path(address)
    found = _with_port(transport, address) if transport in _WITH_PORT else Endpoint(transport, address)
    if any(map(str.isspace, text)):
        raise ValueError(f"{text!r} holds a space, which stands between the addresses that programs are told")
    return found


def connectable(endpoint: Endpoint, host: str = "127.0.0.1") -> Endpoint:
    """Return the endpoint that peers connect to, with ``host`` in the place of ``*``, 0.0.0.0, [::] and ``lo``.

    Raise ValueError where the address is not known yet: a port or path that the system chooses, or a range.
    """
    if endpoint.wildcard or endpoint.addresses > 1:
        raise ValueError(f"{endpoint} cannot be connected to; expected one port or path")
    if endpoint.host not in WILDCARDS | {LOOPBACK_INTERFACE}:
        return endpoint
    if endpoint.host == LOOPBACK_INTERFACE:
        host = "127.0.0.1"
    known = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return endpoint._replace(host=known, address=known + endpoint.address[len(endpoint.host) :])


def _check_path(address: str) -> None:
    try:
        size = len(address.encode())
    except UnicodeEncodeError:
        raise ValueError("an ipc path must be UTF-8") from None
    if address == "@":
        raise ValueError("ipc://@ without a name")
    if size > IPC_PATH_LIMIT:
        abstract = address.startswith("@")
        limit = f"{ABSTRACT_LIMIT} behind the @" if abstract else f"{IPC_PATH_LIMIT}"
        raise TooLong(f"an ipc {'name' if abstract else 'path'} of {size - abstract} bytes; at most {limit}")


def _with_port(transport: str, address: str) -> Endpoint:
    source, separator, target = address.rpartition(";")
    if separator:
        _host_and_ports(transport, source)
    authority, slash, _ = target.partition("/")
    if slash and transport not in ("ws", "wss"):
        raise ValueError(f"{address!r} has a path; expected {transport}://HOST:PORT")
    host, ports = _host_and_ports(transport, authority)
    return Endpoint(transport, address, host, ports, source)


def _host_and_ports(transport: str, authority: str) -> tuple[str, Ports | None]:
    host, separator, port = authority.rpartition(":")
    if not separator or (authority.startswith("[") and not host.endswith("]")):
        raise ValueError(f"{authority!r} has no port; expected {transport}://HOST:PORT")
    _check_host(host)
    return host, _ports(port)


def _check_host(host: str) -> None:
    if host == "*":
        return
    try:
        if host.startswith("[") and host.endswith("]"):
            IPv6Address(host[1:-1])
        elif re.fullmatch(_DOTTED, host):
            IPv4Address(host)
        elif ":" in host:
            raise ValueError(f"host {host!r}; an IPv6 address stands in brackets")
        elif not _NAME.fullmatch(host):
            raise ValueError(f"{host!r} is no host; expected a name, an IPv4 address, an IPv6 address in brackets or *")
    except AddressValueError:
        raise ValueError(f"{host!r} is no address") from None


def _ports(text: str) -> Ports | None:
    if text in ("*", "0"):
        return None
    match = _PORTS.fullmatch(text)
    if not match:
        raise ValueError(f"port {text!r}; expected 1 to 65535, a range such as 5600-5649, or * for any free one")
    first, last = int(match[1]), int(match[2] or match[1])
    if last > 65535:
        raise ValueError(f"port {last}; at most 65535")
    if first > last:
        raise ValueError(f"port range {text} is empty")
    return first, last
