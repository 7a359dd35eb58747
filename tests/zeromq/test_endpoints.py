from __future__ import annotations

import os
from itertools import count

import pytest
import zmq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.zeromq.endpoints import ABSTRACT_LIMIT, IPC_PATH_LIMIT, Endpoint, connectable, parse

Context = zmq.Context[zmq.Socket[bytes]]

PORTS = st.integers(1, 65535).map(str) | st.sampled_from(["*", "0"])
RANGES = st.tuples(st.integers(1, 65535), st.integers(1, 65535)).map(lambda pair: f"{min(pair)}-{max(pair)}")
HOSTS = (
    st.sampled_from(["*", "localhost", "eth0", "node-1.example.org"])
    | st.ip_addresses(v=4).map(str)
    | st.ip_addresses(v=6).map(lambda address: f"[{address}]")
)
NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    lambda name: not any(map(str.isspace, name))
)
ENDPOINTS = (
    st.builds("tcp://{}:{}".format, HOSTS, PORTS | RANGES)
    | st.builds("tcp://{}:0;{}:{}".format, HOSTS, HOSTS, PORTS)
    | st.builds("ipc://{}".format, NAMES.filter(lambda name: name != "@"))
    | st.builds("inproc://{}".format, NAMES)
)
NUMBERS = count()
BINDABLE = (
    st.builds("tcp://{}:*".format, st.sampled_from(["*", "127.0.0.1", "0.0.0.0", "lo", "[::1]", "[::]", "localhost"]))
    | st.builds("ipc://@zmq-test-{}".format, NAMES)
    | st.builds("inproc://{}".format, NAMES)
)


@given(ENDPOINTS)
def test_an_endpoint_prints_as_it_was_written(text: str) -> None:
    assert str(parse(text)) == text


@given(st.text() | st.builds("{}://{}".format, st.sampled_from(["tcp", "ipc", "ws", "inproc", "TCP"]), st.text()))
def test_any_text_is_an_endpoint_or_refused_in_one_line(text: str) -> None:
    try:
        parsed = parse(text)
    except ValueError as error:
        message = str(error)
    else:
        assert str(parsed) == text
        return
    assert message
    assert "\n" not in message


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=BINDABLE)
def test_libzmq_binds_what_is_accepted(context: Context, text: str) -> None:
    # An abstract name belongs to the whole machine, and is free again only some time after close.
    unique = text.replace("@zmq-test", f"@{os.getpid()}-{next(NUMBERS)}")
    with context.socket(zmq.PULL) as socket:
        socket.ipv6 = True
        socket.bind(str(parse(unique)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES.filter(lambda name: "/" not in name and name not in (".", "..", "*")))
def test_libzmq_binds_every_path_that_is_accepted(context: Context, folder: str, name: str) -> None:
    with context.socket(zmq.PULL) as socket:
        socket.bind(str(parse(f"ipc://{folder}/{name}")))


@pytest.mark.parametrize(
    ("prefix", "limit"), [("@", ABSTRACT_LIMIT), ("/tmp/", IPC_PATH_LIMIT - len("/tmp/"))], ids=["abstract", "path"]
)
def test_the_limits_of_ipc_are_those_of_libzmq(context: Context, prefix: str, limit: int) -> None:
    longest = f"ipc://{prefix}{'x' * limit}"
    with context.socket(zmq.PULL) as socket:
        socket.bind(str(parse(longest)))
        socket.unbind(longest)
        with pytest.raises(zmq.ZMQError):
            socket.bind(f"{longest}x")
    with pytest.raises(ValueError, match="at most"):
        parse(f"{longest}x")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("127.0.0.1:5555", "names no transport"),
        ("tcp:/127.0.0.1:5555", "names no transport"),
        ("TCP://127.0.0.1:5555", "did you mean tcp"),
        ("http://127.0.0.1:5555", "unknown transport 'http'"),
        ("tcp://", "without an address"),
        ("ipc://", "without an address"),
        ("ipc://@", "without a name"),
        ("ipc://a\0b", "zero byte"),
        ("ipc://\udcff", "UTF-8"),
        ("tcp://127.0.0.1", "has no port"),
        ("tcp://[::1]", "has no port"),
        ("tcp://127.0.0.1:70000", "at most 65535"),
        ("tcp://127.0.0.1:05555", "port '05555'"),
        ("tcp://127.0.0.1:59x", "port '59x'"),
        ("tcp://127.0.0.1: 59", "port ' 59'"),
        ("tcp://127.0.0.1:5649-5600", "is empty"),
        ("tcp://127.0.0.1:5600-70000", "at most 65535"),
        ("tcp://127.1:5555", "no address"),
        ("tcp://300.0.0.1:5555", "no address"),
        ("tcp://::1:5555", "in brackets"),
        ("tcp://[127.0.0.1]:5555", "no address"),
        ("tcp://:5555", "no host"),
        ("tcp://a b:5555", "no host"),
        ("ipc:///tmp/a b", "holds a space"),
        ("ipc://@a\tb", "holds a space"),
        ("ws://*:80/a b", "holds a space"),
        ("inproc://a\nb", "holds a space"),
        ("tcp://127.0.0.1:5555/x", "has a path"),
    ],
)
def test_what_is_wrong_is_said(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(text)


@pytest.mark.parametrize(
    "text",
    ["ws://*:80/path", "udp://239.0.0.1:5555", "pgm://eth0;239.0.0.1:5555", "tipc://{5560,0,0}", "vmci://2:5555"],
)
def test_other_transports_are_known(text: str) -> None:
    assert str(parse(text)) == text


def test_the_parts_of_an_endpoint() -> None:
    assert parse("tcp://eth0:5555") == Endpoint("tcp", "eth0:5555", "eth0", (5555, 5555))
    assert parse("tcp://[fe80::1%lo]:*") == Endpoint("tcp", "[fe80::1%lo]:*", "[fe80::1%lo]", None)
    assert parse("tcp://lo:0;10.0.0.1:5555").source == "lo:0"
    assert parse("ipc:///run/x") == Endpoint("ipc", "/run/x")
    assert parse("ipc://@x").abstract
    assert [parse(text).wildcard for text in ("tcp://*:*", "tcp://*:0", "ipc://*", "tcp://*:1", "inproc://*")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_a_port_range_gives_each_its_own() -> None:
    ports = parse("tcp://*:5600-5649")
    assert ports.addresses == 50
    assert [str(ports.nth(index)) for index in (0, 49)] == ["tcp://*:5600", "tcp://*:5649"]
    assert ports.nth(3) == parse("tcp://*:5603")
    with pytest.raises(IndexError, match="holds 50, not 51"):
        ports.nth(50)


@pytest.mark.parametrize(
    "host",
    ["lo", "localhost", "LocalHost", "localhost.localdomain", "ip6-localhost", "a.localhost", "127.0.0.1", "127.9.9.9",
     "[::1]", "[::1%lo]", "[fe80::1%lo]", "[::ffff:127.0.0.1]"],
)  # fmt: skip
def test_loopback_by_name_and_address(host: str) -> None:
    assert parse(f"tcp://{host}:5555").loopback


@pytest.mark.parametrize(
    "host", ["*", "eth0", "Lo", "lo1x", "10.0.0.1", "[::]", "[fe80::1%eth0]", "[::ffff:10.0.0.1]", "localhost.lan"]
)
def test_what_is_not_loopback(host: str) -> None:
    assert not parse(f"tcp://{host}:5555").loopback


def test_a_socket_bound_to_the_loopback_interface_is_reached_there(context: Context) -> None:
    with context.socket(zmq.PULL) as pull, context.socket(zmq.PUSH) as push:
        port = pull.bind_to_random_port("tcp://lo")
        push.connect(str(connectable(parse(f"tcp://lo:{port}"))))
        push.send(b"here")
        assert pull.recv() == b"here"


def test_without_a_range_there_is_one() -> None:
    one = parse("tcp://*:5600")
    assert one.nth(0) == one
    with pytest.raises(IndexError):
        one.nth(1)


@pytest.mark.parametrize(
    ("bound", "host", "connected"),
    [
        ("tcp://*:5555", "127.0.0.1", "tcp://127.0.0.1:5555"),
        ("tcp://0.0.0.0:5555", "alpha.lan", "tcp://alpha.lan:5555"),
        ("tcp://[::]:5555", "::1", "tcp://[::1]:5555"),
        ("tcp://10.0.0.1:5555", "127.0.0.1", "tcp://10.0.0.1:5555"),
        ("ws://*:80/x", "127.0.0.1", "ws://127.0.0.1:80/x"),
        ("ipc:///run/x", "127.0.0.1", "ipc:///run/x"),
        ("tcp://lo:5555", "alpha.lan", "tcp://127.0.0.1:5555"),
    ],
)
def test_peers_connect_to_the_host_instead_of_the_wildcard(bound: str, host: str, connected: str) -> None:
    assert str(connectable(parse(bound), host)) == connected
    assert connectable(parse(bound), host) == parse(connected)


@pytest.mark.parametrize("text", ["tcp://*:*", "tcp://127.0.0.1:0", "ipc://*", "tcp://*:5600-5649"])
def test_what_is_not_known_yet_cannot_be_connected_to(text: str) -> None:
    with pytest.raises(ValueError, match="expected one port or path"):
        connectable(parse(text))


@pytest.mark.parametrize("bound", ["*", "0.0.0.0", "[::]"])
def test_a_socket_bound_to_every_interface_is_reached_there(context: Context, bound: str) -> None:
    with context.socket(zmq.PULL) as pull, context.socket(zmq.PUSH) as push:
        pull.ipv6 = True
        port = pull.bind_to_random_port(f"tcp://{bound}")
        push.connect(str(connectable(parse(f"tcp://{bound}:{port}"))))
        push.send(b"x")
        assert pull.poll(2000)
