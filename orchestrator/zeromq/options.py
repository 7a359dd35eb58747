"""The options of sockets: number, unit, range and types, as libzmq 4.3.5 takes them, and YAML values in its units.

Source: zmq_setsockopt(3) and zmq.h, corrected by what libzmq accepts: a test sets every option on every type.
``minimum`` and ``maximum`` are the values that libzmq takes, sensible or not; of bytes and text they are lengths.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

Kind = Literal["int", "int64", "uint64", "bool", "bytes", "text"]


class Option(NamedTuple):
    """One option of a socket.

    ``unit`` is libzmq's own: ``ms``, ``s``, ``bytes``, ``messages`` and the like, or None. ``types`` are those that
    take the option, None for all. ``live``: setting it on a connected socket has an effect on that connection.
    ``needs`` is what libzmq must have been built with (a name for zmq_has), empty for every libzmq.
    """

    name: str
    number: int
    kind: Kind
    unit: str | None
    minimum: int
    maximum: int
    types: frozenset[str] | None
    live: bool
    about: str
    needs: str = ""


_INT = 2**31 - 1
_INT64 = 2**63 - 1  # of uint64 too: bindings pass a signed number
_LENGTH = 2**31 - 1


def _int(
    name: str,
    number: int,
    about: str,
    minimum: int = 0,
    maximum: int = _INT,
    *,
    unit: str | None = None,
    kind: Kind = "int",
    live: bool = False,
    needs: str = "",
) -> Option:
    return Option(name, number, kind, unit, minimum, maximum, None, live, about, needs)


def _bool(
    name: str, number: int, about: str, types: str = "", *, live: bool = False, needs: str = "", minimum: int = 0
) -> Option:
    return Option(name, number, "bool", None, minimum, 1, frozenset(types.split()) or None, live, about, needs)


def _bytes(
    name: str,
    number: int,
    about: str,
    minimum: int,
    maximum: int,
    types: str = "",
    *,
    kind: Kind = "bytes",
    live: bool = False,
    needs: str = "",
) -> Option:
    return Option(name, number, kind, None, minimum, maximum, frozenset(types.split()) or None, live, about, needs)


_ROUTERS = "ROUTER REP"
_REQUESTERS = "REQ REP DEALER ROUTER"
_PUBLISHERS = "PUB XPUB"

OPTIONS: Mapping[str, Option] = MappingProxyType(
    {
        option.name: option
        for option in (
            _int("affinity", 4, "bitmap of the I/O threads for new connections; 0: any", 0, _INT64, kind="uint64"),
            _bytes("routing_id", 5, "the name under which a ROUTER knows this socket", 1, 255),
            _int("rate", 8, "multicast data rate", 1, unit="kbit/s"),
            _int("recovery_ivl", 9, "how long a multicast receiver may be absent without loss", unit="ms"),
            _int("sndbuf", 11, "the kernel's send buffer; -1: its default", -1, unit="bytes"),
            _int("rcvbuf", 12, "the kernel's receive buffer; -1: its default", -1, unit="bytes"),
            _int("linger", 17, "how long close waits for unsent messages; -1: for ever", -1, unit="ms", live=True),
            _int("reconnect_ivl", 18, "pause before connecting again; -1: never again", -1, unit="ms"),
            _int("backlog", 19, "connections that may wait to be accepted", unit="connections"),
            _int("reconnect_ivl_max", 21, "longest pause when pauses double; 0: they do not", unit="ms"),
            _int(
                "maxmsgsize",
                22,
                "a peer that sends a longer message is cut off; -1: any length",
                -(2**63),
                _INT64,
                unit="bytes",
                kind="int64",
            ),
            _int(
                "sndhwm",
                23,
                "messages queued for one peer before sending stops; 0: no limit",
                unit="messages",
                live=True,
            ),
            _int(
                "rcvhwm",
                24,
                "messages queued from one peer before reading stops; 0: no limit",
                unit="messages",
                live=True,
            ),
            _int("multicast_hops", 25, "network hops of multicast packets", 1, unit="hops"),
            _int("rcvtimeo", 27, "how long recv waits; -1: for ever, 0: not at all", -1, unit="ms", live=True),
            _int("sndtimeo", 28, "how long send waits; -1: for ever, 0: not at all", -1, unit="ms", live=True),
            _bool("ipv4only", 31, "deprecated, the opposite of ipv6"),
            _bool(
                "router_mandatory", 33, "error instead of silence when the peer is unknown or full", _ROUTERS, live=True
            ),
            _bool("tcp_keepalive", 34, "SO_KEEPALIVE; -1: as the kernel has it", minimum=-1),
            _int(
                "tcp_keepalive_cnt",
                35,
                "probes before a connection is dead; -1: as the kernel has it",
                -1,
                unit="probes",
            ),
            _int("tcp_keepalive_idle", 36, "silence before the first probe; -1: as the kernel has it", -1, unit="s"),
            _int("tcp_keepalive_intvl", 37, "time between two probes; -1: as the kernel has it", -1, unit="s"),
            _bytes("tcp_accept_filter", 38, "deprecated: the IPv4 network that may connect", 1, _LENGTH, kind="text"),
            _bool("immediate", 39, "queue only for connections that are up"),
            _bool("xpub_verbose", 40, "report repeated subscriptions too", _PUBLISHERS, live=True),
            _bool("router_raw", 41, "deprecated: raw TCP as on STREAM", _ROUTERS),
            _bool("ipv6", 42, "allow IPv6 beside IPv4"),
            _bool("probe_router", 51, "send an empty message to each new ROUTER peer", _REQUESTERS),
            _bool("req_correlate", 52, "number the requests and drop replies to others", "REQ", live=True),
            _bool("req_relaxed", 53, "allow a new request before the reply has come", "REQ", live=True),
            _bool("conflate", 54, "keep only the last message; one part only"),
            _bool("router_handover", 56, "a new peer takes over the routing id of an old one", _ROUTERS, live=True),
            _int("tos", 57, "the type-of-service byte of IP packets"),
            _int("ipc_filter_pid", 58, "deprecated: the process that may connect over ipc", -(2**31)),
            _int("ipc_filter_uid", 59, "deprecated: the user that may connect over ipc", -(2**31)),
            _int("ipc_filter_gid", 60, "deprecated: the group that may connect over ipc", -(2**31)),
            _bytes(
                "connect_routing_id",
                61,
                "the name for the peer of the next connect, and only of that",
                1,
                _LENGTH,
                "ROUTER REP STREAM",
            ),
            _int("handshake_ivl", 66, "longest handshake; 0: no limit", unit="ms"),
            _bytes("socks_proxy", 68, "host:port of a SOCKS5 proxy for tcp connections", 1, _LENGTH, kind="text"),
            _bool(
                "xpub_nodrop",
                69,
                "block or fail instead of dropping for a subscriber that is full",
                _PUBLISHERS,
                live=True,
            ),
            _bool("xpub_manual", 71, "the program subscribes for its peers by hand", _PUBLISHERS, live=True),
            _bytes("xpub_welcome_msg", 72, "message to each new subscriber that asked for it", 0, _LENGTH, _PUBLISHERS),
            _bool("stream_notify", 73, "report connects and disconnects as empty messages", "STREAM"),
            _bool("invert_matching", 74, "deliver what does not match the subscriptions", live=True),
            _int("heartbeat_ivl", 75, "time between two heartbeats; 0: none", unit="ms"),
            _int(
                "heartbeat_ttl",
                76,
                "silence after which the peer drops us, in steps of 100 ms; 0: it never does",
                -99,
                6553599,
                unit="ms",
            ),
            _int(
                "heartbeat_timeout",
                77,
                "silence after a heartbeat that ends a connection; default heartbeat_ivl",
                unit="ms",
            ),
            _bool("xpub_verboser", 78, "report repeated subscriptions and unsubscriptions", _PUBLISHERS, live=True),
            _int("connect_timeout", 79, "longest connect(); 0: as the kernel has it", unit="ms"),
            _int("tcp_maxrt", 80, "longest retransmission; 0: as the kernel has it", unit="ms"),
            _int("multicast_maxtpdu", 84, "longest multicast packet", 1, unit="bytes"),
            _int("vmci_buffer_size", 85, "VMCI buffer", 0, _INT64, unit="bytes", kind="uint64", needs="vmci"),
            _int(
                "vmci_buffer_min_size", 86, "smallest VMCI buffer", 0, _INT64, unit="bytes", kind="uint64", needs="vmci"
            ),
            _int(
                "vmci_buffer_max_size", 87, "largest VMCI buffer", 0, _INT64, unit="bytes", kind="uint64", needs="vmci"
            ),
            _int("vmci_connect_timeout", 88, "longest VMCI connect", -1, unit="ms", needs="vmci"),
            _bytes("bindtodevice", 92, "the network interface to use; needs CAP_NET_RAW", 1, 16, kind="text"),
            _bool("loopback_fastpath", 94, "a faster loopback on Windows"),
            _bytes("metadata", 95, "a property X-NAME:VALUE that peers can read", 4, _LENGTH, kind="text"),
            _bool("multicast_loop", 96, "hear our own multicast"),
            _int("router_notify", 97, "report peers: 1 their coming, 2 their going, 3 both", 0, 3, needs="draft"),
            _bool(
                "xpub_manual_last_value",
                98,
                "xpub_manual whose first message goes to the last subscriber",
                _PUBLISHERS,
                live=True,
            ),
            _bytes("socks_username", 99, "user at the SOCKS5 proxy", 0, 255, kind="text"),
            _bytes("socks_password", 100, "password at the SOCKS5 proxy", 0, 255, kind="text"),
            _int("in_batch_size", 101, "bytes read at once", 1, unit="bytes", needs="draft"),
            _int("out_batch_size", 102, "bytes written at once", 1, unit="bytes", needs="draft"),
            _bytes("wss_key_pem", 103, "private key of a wss server", 0, _LENGTH, kind="text", needs="WSS"),
            _bytes("wss_cert_pem", 104, "certificate of a wss server", 0, _LENGTH, kind="text", needs="WSS"),
            _bytes("wss_trust_pem", 105, "certificates that a wss client trusts", 0, _LENGTH, kind="text", needs="WSS"),
            _bytes(
                "wss_hostname",
                106,
                "name that the wss server's certificate must have",
                0,
                _LENGTH,
                kind="text",
                needs="WSS",
            ),
            _bool("wss_trust_system", 107, "trust the system's certificates", needs="WSS"),
            _bool("only_first_subscribe", 108, "only a message's first part can subscribe", "PUB XPUB XSUB", live=True),
            _int(
                "reconnect_stop",
                109,
                "stop connecting again after 1 a refused connect, 2 a failed handshake, 3 either",
                -(2**31),
            ),
            _bytes("hello_msg", 110, "message to each new peer", 0, _LENGTH, needs="draft"),
            _bytes(
                "disconnect_msg", 111, "message that stands for the loss of an accepted peer", 0, _LENGTH, needs="draft"
            ),
            _int("priority", 112, "SO_PRIORITY of the packets", needs="draft"),
            _bool("busy_poll", 113, "poll the network device instead of waiting", needs="draft"),
            _bytes("hiccup_msg", 114, "message that stands for a lost connection of ours", 0, _LENGTH, needs="draft"),
            _bool(
                "xsub_verbose_unsubscribe", 115, "pass repeated unsubscriptions on", "XSUB", live=True, needs="draft"
            ),
            _int("norm_mode", 117, "NORM's congestion control", 0, 4, needs="norm"),
            _bool("norm_unicast_nack", 118, "NORM receivers complain to the sender alone", needs="norm"),
            _int("norm_buffer_size", 119, "NORM's buffer", 1, unit="KiB", needs="norm"),
            _int("norm_segment_size", 120, "NORM's payload in a packet", 1, unit="bytes", needs="norm"),
            _int("norm_block_size", 121, "packets in a block of NORM", 1, 255, unit="packets", needs="norm"),
            _int(
                "norm_num_parity", 122, "parity packets NORM can send for a block", 0, 254, unit="packets", needs="norm"
            ),
            _int("norm_num_autoparity", 123, "parity packets NORM sends unasked", 0, 254, unit="packets", needs="norm"),
            _bool("norm_push", 124, "NORM drops old data rather than wait", needs="norm"),
        )
    }
)
"""Every option of a socket that a topology may set, by its name in lower case."""

_SECURITY = "keys and passwords belong to edges, and CURVE on an edge is not supported yet"
_GSSAPI = "GSSAPI is not supported"
_READ_ONLY = "can only be read"

REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "subscribe": "is a key of its own, a prefix or a list of prefixes, and for SUB only",
        "unsubscribe": "leave the prefix out of `subscribe`",
        "use_fd": "the wiring hands over the listening descriptors",
        "hwm": "write `sndhwm` and `rcvhwm`",
        "identity": "is called `routing_id`",
        "connect_rid": "is called `connect_routing_id`",
        "fail_unroutable": "is called `router_mandatory`",
        "router_behavior": "is called `router_mandatory`",
        "delay_attach_on_connect": "is called `immediate`",
        **dict.fromkeys(
            (
                "curve_server",
                "curve_publickey",
                "curve_secretkey",
                "curve_serverkey",
                "plain_server",
                "plain_username",
                "plain_password",
                "zap_domain",
                "zap_enforce_domain",
            ),
            _SECURITY,
        ),
        **dict.fromkeys(
            (
                "gssapi_server",
                "gssapi_principal",
                "gssapi_service_principal",
                "gssapi_plaintext",
                "gssapi_principal_nametype",
                "gssapi_service_principal_nametype",
            ),
            _GSSAPI,
        ),
        **dict.fromkeys(
            ("rcvmore", "fd", "events", "type", "last_endpoint", "mechanism", "thread_safe", "topics_count"), _READ_ONLY
        ),
    }
)
"""Options that libzmq knows and a topology may not set, with the reason."""

_INTEGER = re.compile(r"-?[0-9]{1,20}")
_UNIT_NAMES = {"ms": "milliseconds", "s": "seconds"}


def value(option: Option, raw: Any) -> int | bytes:
    """Turn a YAML value into what libzmq takes: bytes for options of kinds ``bytes`` and ``text``, else an int.

    A bare number has libzmq's own unit. Raise ValueError, saying what was expected, for anything else.
    """
    if option.kind == "bytes":
        return _sized(option, octets(raw))
    if option.kind == "text":
        if not isinstance(raw, str) or "\0" in raw:
            raise ValueError(expected(option))
        return _sized(option, raw.encode())
    number = _number(option, raw)
    if number is None or not option.minimum <= number <= option.maximum:
        raise ValueError(expected(option))
    return number


def expected(option: Option) -> str:
    """Say in a few words what values an option takes."""
    if option.kind == "bytes":
        return 'text or {hex: "0102"}' + _lengths(option)
    if option.kind == "text":
        return "text" + _lengths(option)
    if option.kind == "bool":
        return "true or false" + (", or -1" if option.minimum < 0 else "")
    if option.unit in _UNIT_NAMES:
        form = (
            f"a duration such as {'20ms' if option.unit == 'ms' else '20s'}, or a number of {_UNIT_NAMES[option.unit]}"
        )
    elif option.unit == "bytes":
        form = "a size such as 512KiB, or a number of bytes"
    else:
        form = f"a number of {option.unit}" if option.unit and "/" not in option.unit else "a number"
    return form + _range(option)


def _range(option: Option) -> str:
    if option.minimum < -1:
        return f", at most {option.maximum}" if option.maximum < _INT else ""
    if option.maximum >= _INT:
        return f", {option.minimum} or more"
    return f", {option.minimum} to {option.maximum}"


def _lengths(option: Option) -> str:
    if option.maximum < _LENGTH:
        return f" of {option.minimum} to {option.maximum} bytes"
    return f" of {option.minimum} bytes or more" if option.minimum else ""


def _sized(option: Option, octets: bytes) -> bytes:
    if not option.minimum <= len(octets) <= option.maximum:
        raise ValueError(f"{expected(option)}, not {len(octets)}")
    return octets


def octets(raw: Any) -> bytes:
    """Turn text or ``{hex: "0102"}`` into bytes, as a prefix of ``subscribe`` is written. Raise ValueError."""
    if isinstance(raw, bytes):
        return raw
    if isinstance(raw, str):
        return raw.encode()
    if isinstance(raw, Mapping) and list(raw) == ["hex"] and isinstance(raw["hex"], str):
        try:
            return bytes.fromhex(raw["hex"])
        except ValueError:
            raise ValueError('{hex: "0102"}: an even number of the digits 0 to 9 and a to f') from None
    raise ValueError('text or {hex: "0102"}')


def _number(option: Option, raw: Any) -> int | None:
    if isinstance(raw, bool):
        return int(raw) if option.kind == "bool" else None
    if isinstance(raw, int):
        return raw
    if not isinstance(raw, str):
        return None
    if _INTEGER.fullmatch(raw):
        return int(raw)
    return _boolean(raw) if option.kind == "bool" else _quantity(option.unit, raw)


def _boolean(text: str) -> int | None:
    return {"true": 1, "false": 0}.get(text)


def _quantity(unit: str | None, text: str) -> int | None:
    """Turn a duration or size into a whole number of ``unit``, None where it is neither."""
    from orchestrator.zeromq import quantities  # not before: a node reads none

    try:
        if unit == "bytes":
            return quantities.parse_size(text)
        if unit in _UNIT_NAMES:
            whole = quantities.seconds(text) * (1000 if unit == "ms" else 1)
            return int(whole) if whole.denominator == 1 else None
    except ValueError:
        return None
    return None
