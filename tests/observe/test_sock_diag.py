from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestrator.observe import sock_diag

PID = os.getpid()

CLIENT = """
import socket, sys
kept = []
for address in sys.argv[1:]:
    sock = socket.socket(socket.AF_INET if address.startswith("tcp") else socket.AF_UNIX)
    host, _, port = address.removeprefix("tcp://").partition(":")
    sock.connect((host, int(port)) if address.startswith("tcp") else address.removeprefix("ipc://"))
    kept.append(sock)
print("connected", flush=True)
sys.stdin.read()
"""
"""A program that connects to addresses and stays."""

Connect = Callable[..., int]


@pytest.fixture
def opened() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture
def connect(opened: contextlib.ExitStack) -> Connect:
    def run(*addresses: str) -> int:
        client = subprocess.Popen(
            [sys.executable, "-c", CLIENT, *addresses], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        opened.callback(client.wait)
        assert client.stdin
        assert client.stdout
        opened.callback(client.stdin.close)
        opened.callback(client.stdout.close)
        assert client.stdout.readline() == b"connected\n"
        return client.pid

    return run


def serve(opened: contextlib.ExitStack, transport: str, folder: Path) -> tuple[socket.socket, str]:
    if transport == "tcp":
        listener = socket.create_server(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
    else:
        path = os.path.relpath(folder / "s") if transport == "relative" else str(folder / "s")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind("\0" + path if transport == "abstract" else path)
        listener.listen()
        address = f"ipc://@{path}" if transport == "abstract" else f"ipc://{path}"
    opened.callback(listener.close)
    return listener, address


both = pytest.mark.parametrize("transport", ["tcp", "ipc"])


@both
def test_connections_that_were_accepted_are_counted(
    opened: contextlib.ExitStack, connect: Connect, tmp_path: Path, transport: str
) -> None:
    listener, address = serve(opened, transport, tmp_path)
    client = connect(address, address)
    for _ in range(2):
        opened.enter_context(listener.accept()[0])
    assert sock_diag.connections([address], [PID, client]) == {(address, PID, client): 2}


@both
def test_connections_in_the_backlog_are_not_counted(
    opened: contextlib.ExitStack, connect: Connect, tmp_path: Path, transport: str
) -> None:
    listener, address = serve(opened, transport, tmp_path)
    client = connect(address, address)
    assert sock_diag.connections([address], [PID, client]) == {}
    opened.enter_context(listener.accept()[0])
    assert sock_diag.connections([address], [PID, client]) == {(address, PID, client): 1}


@both
def test_connections_of_others_are_not_counted(
    opened: contextlib.ExitStack, connect: Connect, tmp_path: Path, transport: str
) -> None:
    listener, address = serve(opened, transport, tmp_path)
    stranger = connect(address)
    opened.enter_context(listener.accept()[0])
    assert sock_diag.connections([address], [PID]) == {}
    assert sock_diag.connections([], [PID, stranger]) == {}


@both
def test_a_connection_that_has_ended_is_not_counted(
    opened: contextlib.ExitStack, connect: Connect, tmp_path: Path, transport: str
) -> None:
    listener, address = serve(opened, transport, tmp_path)
    client = connect(address)
    listener.accept()[0].close()
    assert sock_diag.connections([address], [PID, client]) == {}


def test_clients_are_told_apart(opened: contextlib.ExitStack, connect: Connect, tmp_path: Path) -> None:
    (one, ipc), (other, tcp) = serve(opened, "ipc", tmp_path), serve(opened, "tcp", tmp_path)
    first, second = connect(ipc, tcp), connect(tcp)
    opened.enter_context(one.accept()[0])
    for _ in range(2):
        opened.enter_context(other.accept()[0])
    assert sock_diag.connections([ipc, tcp], [PID, first, second]) == {
        (ipc, PID, first): 1,
        (tcp, PID, first): 1,
        (tcp, PID, second): 1,
    }


def test_a_process_that_is_gone_has_no_connections(tmp_path: Path) -> None:
    assert sock_diag.connections([f"ipc://{tmp_path}/s"], [2**22 + 1]) == {}


@pytest.mark.parametrize("transport", ["tcp", "ipc", "abstract"])
def test_who_listens_is_seen(opened: contextlib.ExitStack, tmp_path: Path, transport: str) -> None:
    listener, address = serve(opened, transport, tmp_path)
    assert sock_diag.listening([address], lambda: [PID])
    listener.close()
    assert not sock_diag.listening([address], lambda: [PID])


def test_a_bound_socket_does_not_listen(opened: contextlib.ExitStack) -> None:
    reserved = opened.enter_context(socket.socket())
    reserved.bind(("127.0.0.1", 0))
    assert not sock_diag.listening([f"tcp://127.0.0.1:{reserved.getsockname()[1]}"], lambda: [PID])


def test_all_have_to_listen(opened: contextlib.ExitStack, tmp_path: Path) -> None:
    _, address = serve(opened, "ipc", tmp_path)
    assert not sock_diag.listening([address, f"ipc://{tmp_path}/nobody"], lambda: [PID])
    assert sock_diag.listening([], lambda: [PID])


@pytest.mark.parametrize("transport", ["tcp", "ipc", "abstract"])
def test_a_listener_of_somebody_else_does_not_count(
    opened: contextlib.ExitStack, connect: Connect, tmp_path: Path, transport: str
) -> None:
    _, address = serve(opened, transport, tmp_path)
    other = connect()
    assert not sock_diag.listening([address], lambda: [other])
    assert sock_diag.listening([address], lambda: [other, PID])
    assert not sock_diag.listening([address], list)  # whose process is gone


def test_one_that_cannot_be_looked_into_may_be_who_listens(
    opened: contextlib.ExitStack, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, address = serve(opened, "tcp", tmp_path)
    other = connect()
    monkeypatch.setattr(os, "access", lambda path, mode: str(other) not in path)  # root may look into all
    assert sock_diag.listening([address], lambda: [other])


def test_many_sockets_are_all_seen(opened: contextlib.ExitStack, tmp_path: Path) -> None:
    # More than one answer of the kernel holds.
    listener, address = serve(opened, "ipc", tmp_path)
    listener.listen(300)
    for _ in range(300):
        client = opened.enter_context(socket.socket(socket.AF_UNIX))
        client.connect(address.removeprefix("ipc://"))
        opened.enter_context(listener.accept()[0])
    assert sock_diag.connections([address], [PID]) == {(address, PID, PID): 300}
