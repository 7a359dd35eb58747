"""The supervisor's end of the keeper's socket: only its keeper's end counts as its end."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import pytest

from orchestrator.contract import messages
from orchestrator.contract.keeper_messages import Adopt, Exited, Hello, Listen, Unlisten, Wanted
from orchestrator.contract.messages import Message
from orchestrator.supervisor.runtime.keeper_link import KeeperLink

MANY = 5000
"""More requests than a socket holds."""

KEEPER = """\
import sys
from orchestrator.contract.messages import listen_seqpacket
listening = listen_seqpacket(sys.argv[1])
listening.accept()
input()
"""


@pytest.fixture
def path() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:  # a short path: the kernel allows a socket's 107 bytes
        yield f"{folder}/keeper"


def take(sock: socket.socket, number: int) -> list[tuple[Message, list[int]]]:
    sock.settimeout(10)
    return [received for _ in range(number) if (received := messages.receive(sock)) is not None]


def test_a_keeper_that_does_not_read_is_not_gone(path: str) -> None:
    lost: list[bool] = []

    async def run() -> list[tuple[Message, list[int]]]:
        link = KeeperLink(lambda _: None, lambda: lost.append(True))
        with messages.listen_seqpacket(path) as listening:
            await link.connect(path)
            connection, _ = listening.accept()
            before = time.monotonic()
            for _ in range(MANY):
                link.ask(Unlisten(("a",)))
            assert time.monotonic() - before < 4
            with connection:
                return await asyncio.to_thread(take, connection, MANY)

    assert [message["id"] for message, _ in asyncio.run(run())] == list(range(1, MANY + 1))
    assert lost == []


def test_descriptors_outlive_who_sent_them(path: str) -> None:
    async def run() -> bytes:
        link = KeeperLink(lambda _: None, lambda: None)
        with messages.listen_seqpacket(path) as listening:
            await link.connect(path)
            connection, _ = listening.accept()
            for _ in range(MANY):
                link.ask(Unlisten(("a",)))
            reading, writing = os.pipe()
            link.ask(Adopt((), ()), fds=(writing,))
            os.close(writing)
            with connection:
                received = await asyncio.to_thread(take, connection, MANY + 1)
            (copy,) = received[-1][1]
            os.write(copy, b"here")
            os.close(copy)
            with open(reading, "rb") as file:
                return file.read()

    assert asyncio.run(run()) == b"here"


@pytest.mark.process
def test_a_keeper_that_ends_is_gone_once_and_who_waits_for_an_answer_is_told(path: str) -> None:
    lost: list[bool] = []

    async def run() -> None:
        with subprocess.Popen([sys.executable, "-c", KEEPER, path], stdin=subprocess.PIPE) as keeper:
            link = KeeperLink(lambda _: None, lambda: lost.append(True))
            await link.connect(path)
            waiting = asyncio.create_task(link.call(Hello()))
            await asyncio.sleep(0)
            assert link.lives
            keeper.kill()
            with pytest.raises(ConnectionResetError):
                await waiting
            assert not link.lives
            with pytest.raises(ConnectionResetError):
                await link.call(Hello())

    asyncio.run(run())
    assert lost == [True]


def test_an_answer_that_cannot_be_read_is_an_error_of_who_asked(path: str) -> None:
    async def run() -> None:
        link = KeeperLink(lambda _: None, lambda: None)
        with messages.listen_seqpacket(path) as listening:
            await link.connect(path)
            connection, _ = listening.accept()
            with connection:
                for number, (request, answer, why) in enumerate(
                    [
                        (
                            Hello(),
                            {"pid": "one"},
                            "answer that cannot be read: hello: pid: 'one' is not a whole number",
                        ),
                        (Hello(), {"error": ["no text"]}, "answer that cannot be read: failed: error: "),
                        (
                            Listen((Wanted("a.out", "ipc://a", 8),)),
                            {"addresses": {"a.out": "ipc://a"}, "errors": {}},
                            "holds 1 endpoints, and sent 0 descriptors",
                        ),
                    ],
                    1,
                ):
                    asking = link.listen([*request.endpoints]) if isinstance(request, Listen) else link.call(request)
                    waiting = asyncio.create_task(asking)
                    await asyncio.sleep(0)
                    messages.send(connection, {"answer": number, **answer})
                    with pytest.raises(OSError, match=why):
                        await asyncio.wait_for(waiting, 10)

    asyncio.run(run())


def test_what_a_keeper_says_and_nobody_can_read_is_told_and_passed_over(
    path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    ended: list[Exited] = []
    child = {"process": "a", "generation": 1, "pid": 2, "ticks": 3, "status": 0, "time": 4.0}
    bad: list[Message] = [
        {"answer": [1]},
        {"say": "listeners", "names": ["a"], "addresses": []},
        {"say": "nothing"},
        {"say": "exited", **child, "status": "gone"},
    ]

    async def run() -> None:
        link = KeeperLink(ended.append, lambda: None)
        with messages.listen_seqpacket(path) as listening:
            await link.connect(path)
            connection, _ = listening.accept()
            with connection:
                for each in [*bad, {"say": "exited", **child}]:
                    messages.send(connection, each)
                while not ended:
                    await asyncio.sleep(0)
        assert link.held == {}

    asyncio.run(run())
    said = capfd.readouterr().out.splitlines()
    assert [line.partition("cannot be read: ")[2].partition(":")[0] for line in said] == [
        "answer",
        "listeners",
        "unknown message 'nothing'",
        "exited",
    ]
