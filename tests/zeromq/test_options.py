from __future__ import annotations

from typing import Any

import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.zeromq.options import OPTIONS, REFUSED, Option, expected, octets, value
from orchestrator.zeromq.sockets import TYPES

STABLE = frozenset(name for name, each in TYPES.items() if not each.draft)
SAMPLES: dict[str, Any] = {
    "metadata": b"X-a:b",
    "tcp_accept_filter": b"127.0.0.1",
    "bindtodevice": b"lo",
}
"""Values of a form that the table does not describe."""

Context = zmq.Context[zmq.Socket[bytes]]


def sample(option: Option) -> int | bytes:
    if option.kind in ("bytes", "text"):
        return SAMPLES.get(option.name) or b"x" * max(option.minimum, 1)
    return max(option.minimum, min(option.maximum, 1))


def accepts(context: Context, type_name: str, option: Option, raw: int | bytes) -> bool:
    with context.socket(TYPES[type_name].number) as socket:
        try:
            socket.setsockopt(option.number, raw)
        except zmq.ZMQError as error:
            if error.errno != zmq.EINVAL:
                raise
            return False
        return True


def taking(option: Option) -> frozenset[str]:
    return STABLE if option.types is None else option.types & STABLE


@pytest.mark.parametrize("option", OPTIONS.values(), ids=OPTIONS)
def test_libzmq_takes_an_option_for_exactly_its_types(context: Context, option: Option) -> None:
    accepted = {name for name in STABLE if accepts(context, name, option, sample(option))}
    assert accepted == (taking(option) if not option.needs or zmq.has(option.needs) else frozenset())


@pytest.mark.parametrize("option", [each for each in OPTIONS.values() if not each.needs], ids=lambda each: each.name)
def test_libzmq_takes_the_bounds_of_the_range_and_nothing_beyond(context: Context, option: Option) -> None:
    name = min(taking(option))
    if option.kind in ("bytes", "text"):
        if option.name not in SAMPLES:
            assert accepts(context, name, option, b"x" * option.minimum)
        if option.minimum:
            assert not accepts(context, name, option, b"x" * (option.minimum - 1))
        if option.maximum < 2**31 - 1:
            assert accepts(context, name, option, b"x" * option.maximum)
            assert not accepts(context, name, option, b"x" * (option.maximum + 1))
        return
    assert accepts(context, name, option, option.minimum)
    assert accepts(context, name, option, option.maximum)
    smallest = -(2**63) if "64" in option.kind else -(2**31)
    if option.minimum > smallest and option.kind not in ("bool", "uint64"):
        assert not accepts(context, name, option, option.minimum - 1)
    if option.maximum < 2**31 - 1 and option.kind != "bool":
        assert not accepts(context, name, option, option.maximum + 1)


def test_every_option_of_libzmq_is_known_or_refused() -> None:
    context_only = {"blocky"}
    known = {number: name for name, number in ((each.name.lower(), int(each)) for each in zmq.SocketOption)}
    ours = {option.number for option in OPTIONS.values()}
    missing = {name for number, name in known.items() if number not in ours and name not in REFUSED}
    assert missing - context_only == set()
    assert not OPTIONS.keys() & REFUSED.keys()
    assert all(known[option.number] == name for name, option in OPTIONS.items())


@pytest.mark.parametrize(
    ("name", "raw", "result"),
    [
        ("linger", "2s", 2000),
        ("linger", 0, 0),
        ("linger", -1, -1),
        ("linger", "1m30s", 90_000),
        ("linger", "1500us", None),
        ("linger", "100us", None),
        ("linger", "0.1s", 100),
        ("linger", -2, None),
        ("linger", 2.0, None),
        ("linger", True, None),
        ("linger", None, None),
        ("linger", "soon", None),
        ("linger", "2147483648ms", None),
        ("tcp_keepalive_idle", "2m", 120),
        ("tcp_keepalive_idle", 120, 120),
        ("tcp_keepalive_idle", "1500ms", None),
        ("sndbuf", "512KiB", 524_288),
        ("maxmsgsize", "10MB", 10_000_000),
        ("maxmsgsize", "10s", None),
        ("sndhwm", 100_000, 100_000),
        ("sndhwm", "100", 100),
        ("sndhwm", "1MB", None),
        ("conflate", True, 1),
        ("conflate", False, 0),
        ("conflate", 1, 1),
        ("conflate", 2, None),
        ("conflate", "true", 1),
        ("conflate", "yes", None),
        ("tcp_keepalive", -1, -1),
        ("tcp_keepalive", True, 1),
        ("immediate", -1, None),
        ("routing_id", "bot-1", b"bot-1"),
        ("routing_id", {"hex": "0102"}, b"\x01\x02"),
        ("routing_id", {"hex": "012"}, None),
        ("routing_id", {"hex": 12}, None),
        ("routing_id", {"HEX": "01"}, None),
        ("routing_id", "", None),
        ("routing_id", "x" * 256, None),
        ("routing_id", 12, None),
        ("socks_proxy", "proxy:1080", b"proxy:1080"),
        ("socks_proxy", {"hex": "01"}, None),
        ("socks_proxy", "a\0b", None),
        ("heartbeat_ttl", "6553.6s", None),
        ("affinity", 3, 3),
        ("affinity", -1, None),
    ],
)
def test_yaml_values_become_those_of_libzmq(name: str, raw: Any, result: int | bytes | None) -> None:
    if result is None:
        with pytest.raises(ValueError, match=r"."):
            value(OPTIONS[name], raw)
    else:
        assert value(OPTIONS[name], raw) == result


@given(raw=st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dictionaries(st.text(), st.text()))
@pytest.mark.parametrize("option", OPTIONS.values(), ids=OPTIONS)
def test_any_value_is_taken_within_the_range_or_refused_in_one_line(option: Option, raw: Any) -> None:
    try:
        result = value(option, raw)
    except ValueError as error:
        text = str(error)
    else:
        size = len(result) if isinstance(result, bytes) else result
        assert option.minimum <= size <= option.maximum
        return
    assert text
    assert "\n" not in text


def test_what_is_expected_is_said() -> None:
    says = {
        name: expected(OPTIONS[name]) for name in ("linger", "sndbuf", "tcp_keepalive", "routing_id", "sndhwm", "rate")
    }
    assert says == {
        "linger": "a duration such as 20ms, or a number of milliseconds, -1 or more",
        "sndbuf": "a size such as 512KiB, or a number of bytes, -1 or more",
        "tcp_keepalive": "true or false, or -1",
        "routing_id": 'text or {hex: "0102"} of 1 to 255 bytes',
        "sndhwm": "a number of messages, 0 or more",
        "rate": "a number, 1 or more",
    }


def test_prefixes_are_text_or_hex() -> None:
    assert octets("") == b""
    assert octets("é") == "é".encode()
    assert octets({"hex": "ff00"}) == b"\xff\x00"
    with pytest.raises(ValueError, match="text or"):
        octets(1)


def live_on_connection(context: Context, folder: str, option_name: str) -> int:
    """Send until a connected PUSH is full, after its sndhwm was raised."""
    with context.socket(zmq.PUSH) as push, context.socket(zmq.PULL) as pull:
        pull.rcvhwm = push.sndhwm = 1
        pull.sndbuf = pull.rcvbuf = push.sndbuf = push.rcvbuf = 4096
        pull.bind(f"ipc://{folder}/x")
        push.connect(f"ipc://{folder}/x")
        if option_name:
            push.setsockopt(OPTIONS[option_name].number, 1000)
        sent = 0
        while push.poll(50, zmq.POLLOUT):
            push.send(b"x" * 4096)
            sent += 1
        return sent


def test_a_live_option_reaches_the_connection_that_exists(context: Context, folder: str) -> None:
    assert OPTIONS["sndhwm"].live
    assert live_on_connection(context, folder, "sndhwm") > 900 > live_on_connection(context, folder, "")
