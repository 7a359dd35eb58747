from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from orchestrator.control import server
from orchestrator.control.messages import Message

HistoryServer = Callable[[Callable[[Message], Message]], AbstractContextManager[str]]


@contextmanager
def serving(path: Path, answer: Callable[[Message], Message]) -> Iterator[str]:
    """Run a real control server in a thread, as a supervisor does in its loop."""
    started = threading.Event()
    stops: list[Callable[[], object]] = []

    async def run() -> None:
        async def reply(request: Message) -> Message:
            return answer(request)

        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        stops.append(lambda: loop.call_soon_threadsafe(stop.set))
        control = await server.serve(str(path), reply)
        started.set()
        await stop.wait()
        control.close()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    assert started.wait(5)
    try:
        yield str(path)
    finally:
        stops[0]()
        thread.join(5)


@pytest.fixture
def serve(tmp_path: Path) -> HistoryServer:
    return lambda answer: serving(tmp_path / "s", answer)
