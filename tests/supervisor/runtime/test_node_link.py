"""Requests to a process: one that is not answered is not asked twice, but what has changed is told."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path
from typing import Any

from orchestrator.contract import messages
from orchestrator.supervisor.runtime.node_link import NodeLink


async def asked(path: Path, *requests: dict[str, Any]) -> list[dict[str, Any]]:
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
    found = asyncio.run(asked(tmp_path / "s", {"do": "ping"}, {"do": "ping"}, {"do": "stop", "grace": 1.0}))
    assert [each["do"] for each in found] == ["ping", "stop"]


def test_what_a_gate_expects_may_change_and_change_back(tmp_path: Path) -> None:
    """A peer that dies and returns before its gate has answered: the last number is the one that is waited for."""
    one, other = {"out": {"handshakes": 4}}, {"out": {"handshakes": 3}}
    requests = [{"do": "gate", "id": number, "expect": expect} for number, expect in enumerate([one, other, one])]
    assert [each["id"] for each in asyncio.run(asked(tmp_path / "s", *requests))] == [0, 1, 2]
