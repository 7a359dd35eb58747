"""What the kernel tells of connections, with sockets of our own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.observe import traffic
from orchestrator.plan.links import Links, Peer


@pytest.mark.parametrize("transport", ["ipc", "tcp"])
def test_bytes_that_came_and_bytes_that_wait(tmp_path: Path, transport: str) -> None:
    if transport == "ipc":
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        address = f"ipc://{tmp_path}/s"
    else:
        listener = socket.create_server(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
    with listener, socket.socket(listener.family) as client:
        client.connect(listener.getsockname())
        server, _ = listener.accept()
        with server:
            client.sendall(b"x" * 5000)
            assert len(server.recv(2000)) == 2000
            [flow] = traffic._flows({address: "feed.ticks"})
            assert flow.address == address
            assert (flow.binding, flow.connecting) == (
                os.fstat(server.fileno()).st_ino,
                os.fstat(client.fileno()).st_ino,
            )
            assert flow.received == (5000 if transport == "tcp" else None)
            assert flow.waiting >= (3000 if transport == "tcp" else 1)  # of a Unix socket: of what is not read at all


LINKS = Links(
    {
        "feed": [],
        "book": [],
        "bot": [
            Peer("ticks", "ticks", "feed", "ticks", "feed.ticks", binds=False),
            Peer("orders", "orders", "book", "orders", "book.orders", binds=False),
        ],
    },
    [],
    {"feed.ticks": "feed", "book.orders": "book"},
)


def test_edges_without_connections() -> None:
    names = {os.getpid(): "feed"}
    found = traffic.edges(LINKS, {each: f"ipc:///nowhere/{each}" for each in LINKS.binders}, names)
    assert found.keys() == {"ticks", "orders"}
    assert {edge["links"]["up"] for edge in found.values()} == {0}
    assert {edge["links"]["declared"] for edge in found.values()} == {1}
    assert {edge["transport"] for edge in found.values()} == {"ipc"}


CLIENT = """
import socket, sys
client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
client.sendall(b"x" * 5000)
print("sent", flush=True)
sys.stdin.read()
"""


@pytest.mark.process
def test_an_edge_has_what_came_over_its_connections() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        command = [sys.executable, "-c", CLIENT, str(port)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as bot:
            assert bot.stdout is not None
            assert bot.stdout.readline() == b"sent\n"
            server, _ = listener.accept()
            with server:
                read = len(server.recv(2000))
                addresses = {"feed.ticks": f"tcp://127.0.0.1:{port}", "exchange.x": "tcp://127.0.0.1:1"}
                found = traffic.edges(LINKS, addresses, {os.getpid(): "feed", bot.pid: "bot"})
                others = traffic.edges(LINKS, addresses, {os.getpid(): "feed"})
            bot.communicate()
    link = {"up": 1, "declared": 1}
    assert found["ticks"] == {"links": link, "transport": "tcp", "bytes": 5000, "waiting": 5000 - read}
    assert others["ticks"]["links"]["up"] == 0
