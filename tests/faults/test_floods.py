"""Another user floods tcp sockets of a mesh, which are open to all of the machine: its processes live, no larger."""

from __future__ import annotations

import resource
import signal
import socket
from contextlib import suppress

import psutil
import pytest

from tests.support.second_user import needs_second_user, second_user

from .mesh import Make, edge, program

pytestmark = [pytest.mark.process, needs_second_user]

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(16) + b"\x00" + bytes(31)
PAIRS = 300_000


def ready(kind: bytes) -> bytes:
    """Give the READY of ZMTP 3.0, section "The NULL security mechanism", with a type of socket."""
    body = b"\x05READY\x0bSocket-Type" + len(kind).to_bytes(4) + kind
    return bytes((4, len(body))) + body


def subscribe_and_unsubscribe(ports: list[int]) -> None:
    """As a SUB, at each port in turn, as often as it is taken; say how much was."""
    for port in ports:
        with socket.socket() as peer:
            peer.settimeout(0.5)
            peer.connect(("127.0.0.1", port))
            peer.sendall(GREETING + ready(b"SUB"))
            while b"Socket-Type" not in peer.recv(1 << 16, socket.MSG_PEEK):
                pass
            pairs, sent = b"\0\x05\x01AAPL\0\x05\0AAPL" * 1000, 0
            try:
                while sent < PAIRS * 14:
                    sent += peer.send(pairs[sent % 14 :][: PAIRS * 14 - sent])
                peer.sendall(b"\0\x01\x01")  # all messages: the first one comes when the rest was read
                while b"\0\x01x" not in peer.recv(1 << 16):
                    pass
            except TimeoutError:
                pass  # a publisher that does nothing reads no more than its buffers hold
            print(sent // 14, flush=True)


def connect_often(ports: list[int], connections: int) -> None:
    """As so many PUSHs at each port that send nothing; say when all are connected, and stay."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    peers = []
    for port in ports:
        for _ in range(connections):
            peer = socket.socket()
            peers.append(peer)
            # Who accepts does so at once; in another one's backlog there is no room soon.
            peer.settimeout(3 if port == ports[0] else 0)
            peer.connect_ex(("127.0.0.1", port))
    for peer in peers:
        with suppress(OSError):  # where it is still in the backlog, or not even there
            peer.send(GREETING + ready(b"PUSH"))
    print("connected", flush=True)
    signal.pause()


def port_of(pid: int) -> int:
    """Give the port at which a process listens."""
    [port] = {each.laddr.port for each in psutil.Process(pid).net_connections("tcp") if each.status == "LISTEN"}
    return int(port)


def test_a_publisher_keeps_no_subscription_that_is_gone(mesh: Make) -> None:
    kinds = ("sends", "idles", "blocks")
    nodes = {kind: program(f"floods:{kind}", {"out": "PUB"}) for kind in kinds}
    nodes["blocks"]["sockets"]["never"] = {"type": "PULL"}
    hears = program("floods:hears", {"in": {"type": "SUB", "subscribe": ""}})
    made = mesh(
        {**nodes, "hears": hears, "never": program("floods:waits", {"out": "PUSH"})},
        {
            **{kind: edge(f"{kind}.out", "hears.in", "tcp") for kind in kinds},
            "never": edge("blocks.never", "never.out"),
        },
    )
    made.start()
    made.wait_for("up")
    pids = made.pids()
    before = {kind: psutil.Process(pids[kind]).memory_info().rss for kind in kinds}
    with second_user() as user:
        done = user.run(subscribe_and_unsubscribe, [port_of(pids[kind] or 0) for kind in kinds])
    assert done.status == 0, done.text
    assert int(done.text.split()[0]) == PAIRS
    after = {kind: psutil.Process(pids[kind]).memory_info().rss for kind in kinds}
    assert made.pids() == pids
    assert {kind: after[kind] - before[kind] for kind in kinds if after[kind] - before[kind] >= 2 << 20} == {}


@pytest.mark.long
def test_a_receiver_outlives_more_connections_than_it_has_descriptors(mesh: Make) -> None:
    names = ("many", "few")
    nodes = {name: program("floods:takes", {"in": "PULL"}) for name in names}
    nodes["few"]["limits"] = {"nofile": 100}
    source = program("programs:source", {"numbers": "PUSH"}, args={"rate": 200})
    made = mesh(
        {**nodes, "one": source, "two": source},
        {"one": edge("many.in", "one.numbers", "tcp"), "two": edge("few.in", "two.numbers", "tcp")},
    )
    made.start()
    made.wait_for("up")
    pids = made.pids()
    with second_user() as user:
        ports = [port_of(pids[name] or 0) for name in names]
        with user.start(connect_often, ports, 1500) as flood:
            made.until(lambda: "connected" in flood.text, 30)
            numbers = {name: int(made.last(name)) for name in names}
            made.until(lambda: all(int(made.last(name)) > numbers[name] + 100 for name in names), 30)
            if resource.getrlimit(resource.RLIMIT_NOFILE)[1] > 2000:
                made.until(lambda: psutil.Process(pids["many"]).num_fds() > 1500)
            assert psutil.Process(pids["few"]).num_fds() == 100
    assert made.pids() == pids
