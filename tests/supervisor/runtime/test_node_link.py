"""Requests to a process: one that is not answered is not asked twice, but what has changed is told."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from orchestrator.contract import messages
from orchestrator.contract.codec import Request
from orchestrator.contract.node_messages import Expected, Gate, Ping, Ready, Stop
from orchestrator.supervisor.runtime.node_link import NodeLink


async def asked(path: Path, *requests: Request[Any]) -> list[dict[str, Any]]:
    """Ask a process that listens and answers nothing; give what has reached it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.setblocking(False)
        pidfd = os.pidfd_open(os.getpid())
        link = NodeLink(str(path), os.getpid(), pidfd, False, lambda message, fds: None)
        connection, _ = listener.accept()
        connection.setblocking(False)
        found = []
        with connection:
            for request in requests:
                link.ask(request)
            try:
                while (received := messages.receive(connection)) is not None:
                    found.append(received[0])
            except BlockingIOError:
                pass
        link.close()
        os.close(pidfd)
    return found


def test_a_request_that_is_not_answered_is_not_asked_again(tmp_path: Path) -> None:
    found = asyncio.run(asked(tmp_path / "s", Ping(), Ping(), Stop(grace=1.0), Stop(grace=0.5)))
    assert [each["do"] for each in found] == ["ping", "stop"]


def test_what_a_gate_expects_may_change_and_change_back(tmp_path: Path) -> None:
    """A peer that dies and returns before its gate has answered: the last number is the one that is waited for."""
    one, other = {"out": Expected(4)}, {"out": Expected(3)}
    requests = [Gate(number, expect) for number, expect in enumerate([one, other, one])]
    assert [each["id"] for each in asyncio.run(asked(tmp_path / "s", *requests))] == [0, 1, 2]


def test_what_a_process_says_and_nobody_can_read_is_told_once_each_and_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heard: list[Any] = []

    async def run() -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(str(tmp_path / "s"))
            listener.listen()
            pidfd = os.pidfd_open(os.getpid())
            link = NodeLink(str(tmp_path / "s"), os.getpid(), pidfd, False, lambda message, fds: heard.append(message))
            connection, _ = listener.accept()
            with connection:
                link.ask(Ping())
                received = messages.receive(connection)
                assert received is not None
                number = received[0]["id"]
                for message in (
                    {"say": "sockets_ready"},
                    {"say": "left", "unread": [{"socket": "out"}]},
                    {"say": 7},
                    {"answer": number + 1, "phase": "gate", "waiting": {}},
                    {"answer": number, "phase": "gate", "waiting": 1},
                    {"say": "ready", "more": 1},
                ):
                    messages.send(connection, message)
                while not heard:
                    await asyncio.sleep(0.001)
            link.close()
            os.close(pidfd)

    asyncio.run(run())
    assert heard == [Ready()]
    assert [line.partition("be read: ")[2] for line in capsys.readouterr().out.splitlines()] == [
        "sockets_ready: gate: is missing",
        "left: unread.way: is missing",
        "unknown word 7",
        "ping: waiting: 1 is not an object",
    ]
