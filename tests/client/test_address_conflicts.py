"""Addresses that somebody has, before a mesh starts."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
import zmq

from orchestrator.client import address_conflicts
from orchestrator.plan.build import build
from orchestrator.topology.errors import InvalidTopologyError
from orchestrator.topology.load import load


def wanted(address: str, *, external: bool = False, options: str = "") -> str:
    """Give what is said of an address that a mesh would bind; empty where nothing is."""
    server = "external: true" if external else "command: serve"
    text = f"""
name: m
nodes:
  server: {{{server}, sockets: {{a: {{type: REP{options}}}}}}}
  client: {{command: ask, sockets: {{a: REQ}}}}
edges:
  e: {{bind: server.a, connect: client.a, endpoint: "{address}"}}
"""
    topology = load(["-"], stdin=text)
    try:
        address_conflicts.check(topology, build(topology))
    except InvalidTopologyError as problems:
        [problem] = problems.problems
        assert problem.path == "edges.e.endpoint"
        return problem.message
    return ""


def listening(address: str, family: socket.AddressFamily = socket.AF_INET, *, listens: bool = True) -> socket.socket:
    made = socket.socket(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((address, 0))
    if listens:
        made.listen()
    return made


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "*"),
        ("0.0.0.0", "127.0.0.1"),
        ("0.0.0.0", "0.0.0.0"),
        ("127.0.0.1", "localhost"),
        ("127.0.0.1", "lo"),
    ],
)
def test_a_port_at_which_somebody_listens(home: Path, theirs: str, ours: str) -> None:
    with listening(theirs) as holder:
        port = holder.getsockname()[1]
        assert wanted(f"tcp://{ours}:{port}").startswith(f"tcp://{ours}:{port} is taken: ")
        assert f"pid {os.getpid()}, has it" in wanted(f"tcp://{ours}:{port}")
        assert wanted(f"tcp://{ours}:{port}", external=True) == ""
        assert ("is taken" in wanted(f"tcp://127.0.0.2:{port}")) is (theirs == "0.0.0.0")
    assert wanted(f"tcp://{ours}:{port}") == ""


def test_a_port_of_the_newer_protocol(home: Path) -> None:
    try:
        holder = listening("::1", socket.AF_INET6)
    except OSError:
        pytest.skip("no IPv6 here")
    with holder:
        port = holder.getsockname()[1]
        assert "is taken" in wanted(f"tcp://[::1]:{port}", options=", ipv6: true")
        assert wanted(f"tcp://127.0.0.1:{port}") == ""


def test_what_is_left_of_closed_connections_takes_no_port(home: Path) -> None:
    with listening("127.0.0.1") as holder:
        port = holder.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = holder.accept()
        accepted.close()  # the first to close is left in TIME_WAIT
        assert client.recv(1) == b""
        client.close()
    with socket.socket() as control, pytest.raises(OSError, match="in use"):
        control.bind(("127.0.0.1", port))
    assert wanted(f"tcp://127.0.0.1:{port}") == ""


@pytest.mark.parametrize("name", ["{folder}/s", "@orchestrator-test-{pid}"])
def test_a_path_at_which_somebody_listens(home: Path, name: str) -> None:
    address = f"ipc://{name.format(folder=home, pid=os.getpid())}"
    with zmq.Context() as context, context.socket(zmq.REP) as holder:
        holder.bind(address)
        assert f"{address} is taken: " in wanted(address)
        assert f"pid {os.getpid()}, has it" in wanted(address)
        holder.close(0)
    assert wanted(address) == ""


def test_a_file_that_somebody_has_left_takes_no_path(home: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(home / "s"))
    assert (home / "s").is_socket()
    assert wanted(f"ipc://{home}/s") == ""


def test_a_path_by_another_name(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        monkeypatch.chdir(home)
        made.bind("s")
        made.listen()
        assert "is taken" in wanted(f"ipc://{home}/s")
