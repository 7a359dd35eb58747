"""The request-reply programs by hand-made sockets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import zmq

from orchestrator.node import Node
from tests.topologies.programs import load

client, dispatcher, worker = (load("rpc", program) for program in ("client", "dispatcher", "worker"))


@contextmanager
def beside(work: Callable[[], None]) -> Iterator[None]:
    thread = threading.Thread(target=work)
    thread.start()
    yield
    thread.join()


@pytest.mark.parametrize(
    ("number", "factors"), [(2, [2]), (12, [2, 2, 3]), (49, [7, 7]), (97, [97]), (1001, [7, 11, 13])]
)
def test_factors(number: int, factors: list[int]) -> None:
    assert list(worker.factors(number)) == factors


def answer(context: zmq.Context[Any], count: int, reply: Callable[[bytes], bytes]) -> None:
    with context.socket(zmq.REP) as socket:
        socket.connect("inproc://questions")
        for _ in range(count):
            socket.send(reply(socket.recv()))


def asking(context: zmq.Context[Any]) -> Node:
    return Node.standalone({"questions": {"type": "REQ", "bind": "inproc://questions"}}, context=context)


def test_client_checks_every_answer(capsys: pytest.CaptureFixture[str]) -> None:
    with zmq.Context() as context, asking(context) as node, beside(lambda: answer(context, 5, lambda n: n)):
        client.main(node, requests=5)
    assert capsys.readouterr().out.startswith("5 of 5 answers, all right; p50 ")


def test_client_raises_at_a_wrong_answer() -> None:
    with (
        zmq.Context() as context,
        asking(context) as node,
        beside(lambda: answer(context, 1, lambda n: b"2 2")),
        pytest.raises(ValueError, match=r"2 is not the product of \[2, 2\]"),
    ):
        client.main(node, requests=5)


def test_client_stops_when_told(capsys: pytest.CaptureFixture[str]) -> None:
    with zmq.Context() as context, asking(context) as node:
        node.stop()
        client.main(node, requests=5)
    assert capsys.readouterr().out == ""


def test_worker_answers(capsys: pytest.CaptureFixture[str]) -> None:
    questions = {"type": "REP", "bind": "inproc://questions"}
    with (
        zmq.Context() as context,
        Node.standalone({"questions": questions}, context=context) as node,
        context.socket(zmq.REQ) as asker,
    ):
        asker.connect("inproc://questions")
        asker.send(b"91")
        node.stop()
        worker.main(node)
        assert asker.recv() == b"7 13"
    assert capsys.readouterr().out == "answered 1 questions\n"


def test_dispatcher_takes_answers_to_who_asked() -> None:
    sockets = {
        "clients": {"type": "ROUTER", "bind": "inproc://clients"},
        "workers": {"type": "DEALER", "bind": "inproc://questions"},
    }
    with zmq.Context() as context, Node.standalone(sockets, context=context) as node:
        answers: list[bytes] = []

        def ask() -> None:
            with context.socket(zmq.REQ) as one, context.socket(zmq.REQ) as other:
                for socket in (one, other):
                    socket.connect("inproc://clients")
                for number in range(20):
                    one.send(b"one %d" % number)
                    other.send(b"other %d" % number)
                    answers.extend((one.recv(), other.recv()))
            node.stopping.set()

        def serve() -> None:
            answer(context, 20, bytes.upper)

        with beside(serve), beside(serve), beside(ask):
            dispatcher.main(node)
    assert answers == [text for n in range(20) for text in (b"ONE %d" % n, b"OTHER %d" % n)]
