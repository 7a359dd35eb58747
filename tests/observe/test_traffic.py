"""What the kernel tells of connections, with sockets of our own."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from orchestrator.observe import traffic


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


def test_edges_without_connections() -> None:
    links = [("ticks", "feed.ticks", "feed", "bot"), ("orders", "book.orders", "book", "bot")]
    endpoints = ("feed.ticks", "book.orders")
    names = {os.getpid(): "feed"}
    found = traffic.edges(
        links, dict.fromkeys(endpoints, "ipc"), {each: f"ipc:///nowhere/{each}" for each in endpoints}, names
    )
    assert found.keys() == {"ticks", "orders"}
    assert {edge["links"]["up"] for edge in found.values()} == {0}
    assert {edge["links"]["declared"] for edge in found.values()} == {1}
