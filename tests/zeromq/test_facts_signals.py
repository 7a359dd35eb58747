"""What pyzmq does when a signal comes: the supervisor rewires running nodes through one."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import pytest
import zmq

from tests.support.sockets import ENOUGH, Context

Handler = Callable[[int, FrameType | None], object]


@contextmanager
def handling(number: int, handler: Handler) -> Iterator[None]:
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


@contextmanager
def repeated(number: int, seconds: float) -> Iterator[threading.Event]:
    """Signal the main thread again and again from another one, until the event is set."""
    done = threading.Event()
    main = threading.main_thread().ident
    assert main is not None

    def send() -> None:
        while not done.wait(seconds):
            signal.pthread_kill(main, number)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield done
    finally:
        done.set()
        thread.join()


def test_a_receive_timeout_set_in_a_handler_ends_a_blocked_recv(context: Context, folder: str) -> None:
    with context.socket(zmq.PULL) as pull:
        pull.bind(f"ipc://{folder}/x")

        def stop(_number: int, _frame: object) -> None:
            pull.rcvtimeo = 0

        with handling(signal.SIGURG, stop), repeated(signal.SIGURG, 0.05), pytest.raises(zmq.Again):
            pull.recv()


def test_a_handler_can_connect_a_socket_that_is_blocked_in_recv(context: Context, folder: str) -> None:
    with context.socket(zmq.PULL) as pull, context.socket(zmq.PUSH) as push:
        push.bind(f"ipc://{folder}/x")
        connected: list[str] = []

        def connect(_number: int, _frame: object) -> None:
            if not connected:
                pull.connect(f"ipc://{folder}/x")
                connected.append("x")

        def send() -> None:
            push.send(b"x")  # waits for the peer

        sender = threading.Thread(target=send)
        sender.start()
        with handling(signal.SIGURG, connect), repeated(signal.SIGURG, 0.05):
            assert pull.recv() == b"x"
        sender.join()


def test_a_signal_starts_the_timeout_of_recv_anew(context: Context) -> None:
    with context.socket(zmq.PULL) as pull:
        pull.rcvtimeo = 200
        start = time.monotonic()
        last = start

        def note(_number: int, _frame: object) -> None:
            nonlocal last
            if time.monotonic() - start < 0.6:
                last = time.monotonic()

        def quiet_after_a_while(number: int, frame: FrameType | None) -> None:
            note(number, frame)
            if time.monotonic() - start >= 0.6:
                done.set()

        with handling(signal.SIGURG, quiet_after_a_while), repeated(signal.SIGURG, 0.05) as done:
            with pytest.raises(zmq.Again):
                pull.recv()
            assert time.monotonic() - last > 0.19
        assert last - start > 0.4  # far beyond the timeout, and still waiting


@pytest.fixture
def _patient() -> Iterator[None]:
    """Let a thread that computes keep the interpreter's lock."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1)
    yield
    sys.setswitchinterval(before)


def lost(context: Context, folder: str, handler: Handler) -> int:
    """Count the messages, of 20, that a signal between their receipt and the end of recv makes disappear."""
    main = threading.main_thread().ident
    assert main is not None
    missing = 0
    with context.socket(zmq.PULL) as pull, context.socket(zmq.PUSH) as push, handling(signal.SIGURG, handler):
        pull.bind(f"ipc://{folder}/x")
        push.connect(f"ipc://{folder}/x")
        pull.rcvtimeo = ENOUGH

        def send(signalled: threading.Event) -> None:
            time.sleep(0.005)  # gives way to recv
            push.send(b"x")
            received = time.monotonic() + 0.005
            while time.monotonic() < received:
                pass  # recv has its message now, and waits for the interpreter's lock
            signal.pthread_kill(main, signal.SIGURG)
            signalled.set()

        for _ in range(20):
            signalled = threading.Event()
            thread = threading.Thread(target=send, args=(signalled,))
            thread.start()
            try:
                pull.recv()
            except InterruptedError:
                missing += not pull.poll(50)
            with suppress(InterruptedError):
                thread.join()
            thread.join()
            while pull.poll(0):
                pull.recv()
    return missing


@pytest.mark.usefixtures("_patient")
def test_a_handler_that_raises_loses_messages(context: Context, folder: str) -> None:
    def fail(_number: int, _frame: object) -> None:
        raise InterruptedError

    assert lost(context, folder, fail) > 0


@pytest.mark.usefixtures("_patient")
def test_a_handler_that_returns_loses_none(context: Context, folder: str) -> None:
    seen: list[int] = []
    assert lost(context, folder, lambda number, frame: seen.append(number)) == 0
    assert seen
