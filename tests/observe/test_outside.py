"""Links to programs outside of a mesh, with sockets of our own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.observe import sock_diag
from orchestrator.observe.outside import host_of, up
from orchestrator.plan.links import ExternalLink


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("tcp://127.0.0.1:7", "127.0.0.1"),
        ("tcp://eth0;10.0.0.1:7", "10.0.0.1"),
        ("tcp://[::1]:7", "::1"),
        ("tcp://localhost:7", "127.0.0.1"),
        ("tcp://exchange.example:7", None),
    ],
)
def test_only_numbers_are_compared(address: str, host: str | None) -> None:
    assert host_of(address) == host


def test_a_connection_is_seen_from_both_of_its_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        there = {(local, remote): inode for local, remote, inode in sock_diag.tcp_connections()}
        assert there[client.getsockname(), client.getpeername()] == os.fstat(client.fileno()).st_ino
        far = ExternalLink("risk", "gateway", "exchange.orders", binds=False)
        addresses = {"exchange.orders": f"tcp://127.0.0.1:{server.getsockname()[1]}"}
        # This process is risk, and its peer, which it is too, has been accepted by nobody yet.
        assert up([far], addresses, {os.getpid(): "risk"})[far] == 1
        assert up([far], addresses, {os.getpid(): "bot-0"})[far] == 0


SERVER = """
import socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen()
print("listens", flush=True)
connection, _ = server.accept()
print("accepted", flush=True)
connection.recv(1)
"""


@pytest.mark.process
def test_a_path_is_seen_too(tmp_path: Path) -> None:
    far = ExternalLink("risk", "gateway", "exchange.orders", binds=False)
    addresses = {"exchange.orders": f"ipc://{tmp_path}/s"}
    command = [sys.executable, "-c", SERVER, str(tmp_path / "s")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        server.stdout.readline()
        with socket.socket(socket.AF_UNIX) as client:
            assert up([far], addresses, {os.getpid(): "risk"})[far] == 0
            client.connect(str(tmp_path / "s"))
            server.stdout.readline()
            assert up([far], addresses, {os.getpid(): "risk"})[far] == 1
            assert up([far], addresses, {server.pid: "risk"})[far] == 0
