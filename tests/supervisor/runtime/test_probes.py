"""Probes against real commands and a real server."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from orchestrator.plan.model import Probe
from orchestrator.supervisor.runtime.probes import succeeds

pytestmark = pytest.mark.process


def asked(probe: Probe, seconds: float = 10.0, **environment: str) -> bool:
    return asyncio.run(succeeds(probe, "/", os.environ | environment, seconds))


def test_a_command_that_ends_well_or_not() -> None:
    assert asked(Probe(command=("true",)))
    assert not asked(Probe(command=("false",)))
    assert not asked(Probe(command=("/no/such/program",)))


def test_a_command_has_the_environment_and_folder_of_its_process() -> None:
    assert asked(Probe(command=("sh", "-c", 'test "$PWD$COLOR" = /blue')), COLOR="blue")


def test_a_command_that_does_not_end_is_killed_with_all_that_it_has_started(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    assert not asked(Probe(command=("sh", "-c", f"sleep 1000 & echo $! > {file}; wait")), 0.5)
    until = time.monotonic() + 10
    while _runs(int(file.read_text())):
        assert time.monotonic() < until
        time.sleep(0.01)


def _runs(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


@pytest.fixture
def server() -> Iterator[tuple[str, list[bytes]]]:
    """The address of a server, and what it answers."""
    answers: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.recv(4096)
                peer.sendall(answers[0])

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}", answers


@pytest.mark.parametrize(
    ("answer", "fine"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", True),
        (b"HTTP/1.0 302 Found\r\n\r\n", True),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", False),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", False),
        (b"HTTP/1.1 two hundred\r\n\r\n", False),
        (b"SSH-2.0-OpenSSH\r\n", False),
        (b"\r\n", False),
        (b"", False),
        (b"x" * 200_000, False),
    ],
)
def test_a_url_that_answers(server: tuple[str, list[bytes]], answer: bytes, fine: bool) -> None:
    address, answers = server
    answers.append(answer)
    assert asked(Probe(http=f"http://{address}/health?full=1"), 5.0) == fine


def test_a_port_where_nobody_listens() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert not asked(Probe(http=f"http://127.0.0.1:{bound.getsockname()[1]}"))


def test_a_server_that_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert not asked(Probe(http=f"http://127.0.0.1:{listener.getsockname()[1]}"), 0.2)


def test_a_url_that_is_none() -> None:
    assert not asked(Probe(http="http://127.0.0.1:port"))
