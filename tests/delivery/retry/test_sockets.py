"""Requests that are sent again, with sockets of our own in place of dead and late servers."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.delivery.drained import DrainedError
from orchestrator.delivery.retry import NoReplyError
from orchestrator.delivery.retry.attempts import HEAD, ONE, RetryPolicy
from orchestrator.delivery.retry.sockets import ReplySocket, ReplyState, RequestSocket, RequestState, client_name
from orchestrator.errors import WrongThreadError
from orchestrator.node import Node

RETRY = {"timeout": 0.2, "attempts": 3, "deduplicate": True}


@pytest.fixture
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    path = tmp_path_factory.mktemp("r")
    ask = {"type": "REQ", "connect": f"ipc://{path}/s", "retry": RETRY}
    answer = {"type": "REP", "bind": f"ipc://{path}/s", "retry": RETRY}
    with Node.standalone({"ask": ask, "answer": answer}) as made:
        yield made


@pytest.fixture
def ask(node: Node) -> RequestSocket:
    found = node.socket("ask")
    assert isinstance(found, RequestSocket)
    assert found.raw.poll(5000, zmq.POLLOUT)  # connected: one thread cannot wait for both
    return found


@pytest.fixture
def answer(node: Node) -> ReplySocket:
    found = node.socket("answer")
    assert isinstance(found, ReplySocket)
    return found


def test_a_request_and_its_reply(ask: RequestSocket, answer: ReplySocket) -> None:
    ask.send(b"one")
    assert answer.recv() == b"one"
    answer.send(bytearray(b"two"))
    assert ask.recv() == b"two"
    ask.send_multipart([b"a", b""])
    assert answer.recv_multipart() == [b"a", b""]
    answer.send_multipart([])
    assert ask.recv_multipart() == [b""]


def test_what_waits_for_a_server_is_sent_by_recv(tmp_path: object) -> None:
    ask = {"type": "REQ", "connect": f"ipc://{tmp_path}/s", "retry": RETRY | {"timeout": 5.0}}
    with Node.standalone({"ask": ask}) as made, zmq.Context() as context, context.socket(zmq.REP) as server:
        socket = made.socket("ask")
        socket.send(b"one")

        def serve() -> None:
            server.bind(f"ipc://{tmp_path}/s")
            server.send_multipart(server.recv_multipart())

        thread = threading.Thread(target=serve)
        thread.start()
        assert socket.recv() == b"one"
        thread.join()


def test_a_second_attempt_is_answered_from_memory(ask: RequestSocket, answer: ReplySocket) -> None:
    ask.send(b"one")
    assert answer.recv() == b"one"
    with pytest.raises(NoReplyError) as told:
        ask.recv()
    assert str(told.value).startswith("node.ask: no reply to 3 attempts in 0.6")
    answer.send(b"late")  # to the first attempt; the other two wait, and are answered by recv
    assert answer.poll(1000)
    with pytest.raises(zmq.Again):
        answer.recv(zmq.DONTWAIT)
    ask.send(b"two")
    assert answer.recv() == b"two"
    answer.send(b"2")
    assert ask.recv() == b"2"  # and none of the late ones


def test_without_memory_each_attempt_is_carried_out(tmp_path: object) -> None:
    retry = RETRY | {"deduplicate": False}
    ask = {"type": "REQ", "connect": f"ipc://{tmp_path}/s", "retry": retry}
    answer = {"type": "REP", "bind": f"ipc://{tmp_path}/s", "retry": retry}
    with Node.standalone({"ask": ask, "answer": answer}) as made:
        assert made.socket("ask").raw.poll(5000, zmq.POLLOUT)  # type: ignore[attr-defined]
        made.socket("ask").send(b"one")
        with pytest.raises(NoReplyError):
            made.socket("ask").recv()
        for _ in range(3):
            assert made.socket("answer").recv() == b"one"
            made.socket("answer").send(b"1")


def test_out_of_turn_is_as_with_a_req(ask: RequestSocket, answer: ReplySocket) -> None:
    for wrong in (ask.recv, lambda: answer.send(b"")):
        with pytest.raises(zmq.ZMQError) as error:
            wrong()
        assert error.value.errno == zmq.EFSM
    ask.send(b"one")
    with pytest.raises(zmq.ZMQError) as error:
        ask.send(b"two")
    assert error.value.errno == zmq.EFSM


def test_a_reply_of_several_parts_is_not_one(
    ask: RequestSocket, answer: ReplySocket, capsys: pytest.CaptureFixture[str]
) -> None:
    ask.send(b"one")
    answer.recv()
    answer.send_multipart([b"1", b"2"])
    with pytest.raises(NoReplyError):
        ask.recv()
    assert ask.dropped == 1
    assert "it has 2 parts; use recv_multipart" in capsys.readouterr().err


def test_a_client_that_does_not_speak_it_is_told_of_and_harms_nobody(
    node: Node, answer: ReplySocket, capsys: pytest.CaptureFixture[str]
) -> None:
    address = answer.raw.getsockopt(zmq.LAST_ENDPOINT)
    assert isinstance(address, bytes)
    with node.context.socket(zmq.REQ) as stranger:
        stranger.connect(address.rstrip(b"\0").decode())
        stranger.send(b"hello")
        answer.raw.setsockopt(zmq.RCVTIMEO, 200)
        with pytest.raises(zmq.Again):
            answer.recv()
        assert stranger.recv() == b""
    assert answer.dropped == 1
    assert "answer: dropped a message: not retry/1" in capsys.readouterr().err


def test_an_old_request_gets_no_body(node: Node, answer: ReplySocket) -> None:
    address = answer.raw.getsockopt(zmq.LAST_ENDPOINT)
    assert isinstance(address, bytes)
    with node.context.socket(zmq.DEALER) as client:
        client.connect(address.rstrip(b"\0").decode())
        heads = [HEAD.pack(b"c" * 16, number) for number in (2, 1, 2)]
        for head in heads:
            client.send_multipart([b"", head + ONE + b"q"])
        assert answer.recv() == b"q"
        answer.send(b"r")
        answer.raw.setsockopt(zmq.RCVTIMEO, 200)
        with pytest.raises(zmq.Again):
            answer.recv()
        assert [client.recv_multipart() for _ in heads] == [
            [b"", heads[0] + ONE + b"r"],
            [b"", heads[1] + ONE],
            [b"", heads[2] + ONE + b"r"],
        ]


def test_messages_end_with_the_node(node: Node, ask: RequestSocket, answer: ReplySocket) -> None:
    ask.send(b"one")
    seen = []
    for request in node.messages("answer"):
        seen.append(request)
        answer.send(request)
        node.stop()
    assert seen == [b"one"]


def test_a_request_ends_with_the_node(node: Node, ask: RequestSocket) -> None:
    ask.send(b"one")
    node.stop()
    with pytest.raises(zmq.Again):
        ask.recv()


@pytest.mark.parametrize("connected", [True, False])
def test_who_is_told_to_stop_makes_no_new_attempt(tmp_path: Path, connected: bool) -> None:
    told = [False]
    with zmq.Context() as context, context.socket(zmq.DEALER) as raw, context.socket(zmq.ROUTER) as server:
        raw.linger = 0
        server.bind(f"ipc://{tmp_path}/s")
        raw.connect(f"ipc://{tmp_path}/{'s' if connected else 'nobody'}")
        assert not connected or raw.poll(5000, zmq.POLLOUT)
        one = RequestSocket(raw, RetryPolicy(0.2, 1000), "one", lambda: False, lambda: told[0])
        one.send(b"a")
        told[0] = True
        with pytest.raises(DrainedError):
            one.recv()
        attempts = 0
        while server.poll(50):
            server.recv_multipart()
            attempts += 1
        assert attempts == connected
        told[0] = False
        one.send(b"it can ask anew")


def test_they_are_the_main_threads(node: Node) -> None:
    found: list[BaseException] = []

    def use() -> None:
        try:
            node.thread_socket("ask")
        except WrongThreadError as error:
            found.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert len(found) == 1


def test_under_asyncio(node: Node) -> None:
    async def serve() -> None:
        socket = node.async_socket("answer")
        async for request in node.messages("answer"):
            if request == b"late":
                await asyncio.sleep(0.3)
            await socket.send(request)
            if request == b"end":
                return

    async def main() -> list[bytes]:
        server = asyncio.create_task(serve())
        socket = node.async_socket("ask")
        replies = [await socket.request(body) for body in (b"one", b"late", b"end")]  # type: ignore[attr-defined]
        await server
        return replies

    assert asyncio.run(main()) == [b"one", b"late", b"end"]


def test_a_dead_server_costs_attempts_and_no_more(tmp_path: object) -> None:
    ask = {"type": "REQ", "connect": [f"ipc://{tmp_path}/s", f"ipc://{tmp_path}/nobody"], "retry": RETRY}
    over = threading.Event()
    with Node.standalone({"ask": ask}) as client:

        def serve() -> None:
            with zmq.Context() as context, context.socket(zmq.REP) as server:
                server.bind(f"ipc://{tmp_path}/s")
                while not over.is_set():  # not so many times: a busy machine may have one asked for twice
                    if server.poll(20):
                        server.send_multipart(server.recv_multipart())

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            socket = client.socket("ask")
            assert socket.raw.poll(5000, zmq.POLLOUT)  # type: ignore[attr-defined]
            began = time.monotonic()
            for number in range(20):
                socket.send(b"%d" % number)
                assert socket.recv() == b"%d" % number
            assert time.monotonic() - began < 20 * 0.2  # no attempt went to nobody
        finally:
            over.set()
            thread.join()


def test_what_a_connection_has_cut_is_taken_for_no_reply(tmp_path: object) -> None:
    ask = {"type": "REQ", "connect": f"ipc://{tmp_path}/s", "retry": RETRY | {"timeout": 5.0}}
    with Node.standalone({"ask": ask}) as made, zmq.Context() as context, context.socket(zmq.ROUTER) as server:
        server.bind(f"ipc://{tmp_path}/s")
        socket = made.socket("ask")
        assert socket.raw.poll(5000, zmq.POLLOUT)  # type: ignore[attr-defined]
        socket.send(b"one")
        name, _, request = server.recv_multipart()
        head = request[: HEAD.size]
        for parts in (
            [],
            [b""],
            [b"", b"", head + ONE + b"another's"],
            [b"", head + ONE + b"1", b"", head + ONE + b"2"],
        ):
            server.send_multipart([name, *parts])
        server.send_multipart([name, b"", head + ONE + b"right"])
        assert socket.recv() == b"right"


def test_what_a_connection_has_cut_is_taken_for_no_request(node: Node, answer: ReplySocket) -> None:
    address = answer.raw.getsockopt(zmq.LAST_ENDPOINT)
    assert isinstance(address, bytes)
    with node.context.socket(zmq.DEALER) as client:
        client.connect(address.rstrip(b"\0").decode())
        head = HEAD.pack(b"c" * 16, 1)
        client.send_multipart([b"", b"", head + ONE + b"cut"])
        client.send_multipart([b"", head + ONE + b"q"])
        assert answer.recv() == b"q"


@pytest.mark.parametrize("rest", [b"", b"\2", b"\1", b"\1x"])
def test_what_is_behind_a_head_is_checked(node: Node, answer: ReplySocket, rest: bytes) -> None:
    address = answer.raw.getsockopt(zmq.LAST_ENDPOINT)
    assert isinstance(address, bytes)
    with node.context.socket(zmq.DEALER) as client:
        client.connect(address.rstrip(b"\0").decode())
        client.send_multipart([b"", HEAD.pack(b"c" * 16, 1) + rest])
        client.send_multipart([b"", HEAD.pack(b"c" * 16, 2) + ONE + b"right"])
        assert answer.recv() == b"right"
        assert answer.dropped == 1


def test_a_client_proves_that_it_is_of_the_edge(tmp_path: Path) -> None:
    secret = "5e" * 32
    answer = {"type": "REP", "bind": f"ipc://{tmp_path}/s", "retry": RETRY | {"secret": secret}, "rcvtimeo": 5000}
    with Node.standalone({"answer": answer}) as server:
        socket: Any = server.socket("answer")
        for given, dropped in ((secret, 0), ("", 1), ("5f" * 32, 2)):
            ask = {"type": "REQ", "connect": f"ipc://{tmp_path}/s", "retry": RETRY | {"secret": given, "attempts": 1}}
            with Node.standalone({"ask": ask}) as client:
                asking: Any = client.socket("ask")
                assert asking.raw.poll(5000, zmq.POLLOUT)
                asking.send(b"one")
                if given == secret:
                    assert socket.recv() == b"one"
                    socket.send(b"two")
                    assert asking.recv() == b"two"
                else:
                    socket.raw.setsockopt(zmq.RCVTIMEO, 200)
                    with pytest.raises(zmq.Again):
                        socket.recv()
            assert socket.dropped == dropped


@given(st.lists(st.lists(st.binary(max_size=60), min_size=1, max_size=3), max_size=10), st.booleans())
def test_nothing_that_arrives_is_raised(arrived: list[list[bytes]], named: bool) -> None:
    secret = b"s" * 32
    server, client = (
        ReplyState("s", RetryPolicy(1, 1, True, secret)),
        RequestState("c", RetryPolicy(1, 1, False, secret)),
    )
    client.begin([b"x"])
    for frames in arrived:
        assert (
            server.take([HEAD.pack(client_name(b"t" * 32), 1) + frames[0], *frames[1:]] if named else frames, 1) == b""
        )
        assert client.take([client.frame[: HEAD.size] + b"\1" + frames[0]] if named else frames, 1) is None or named
    assert server.take([client.frame], 1) == [b"x"]
