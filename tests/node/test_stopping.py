"""The sign that a program should finish: it can be waited for where no descriptor is left."""

from __future__ import annotations

import asyncio
import os
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from orchestrator.node.stopping import Stopping


@pytest.fixture
def stopping() -> Iterator[Stopping]:
    made = Stopping()
    yield made
    made.close()


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    kept: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/proc/self/fd"))) + 5, hard))
    try:
        with suppress(OSError):
            while True:
                kept.append(os.dup(0))
        yield
    finally:
        for each in kept:
            os.close(each)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_waiting_takes_no_descriptor(stopping: Stopping) -> None:
    async def both() -> None:
        for _ in range(2):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(_awaited(stopping), 0.01)
            with no_descriptor_left():
                with pytest.raises(OSError, match="Too many open files"):
                    os.dup(0)
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(_awaited(stopping), 0.01)

    assert not stopping.wait(0)
    with no_descriptor_left():
        assert not stopping.wait(0.001)
    asyncio.run(both())


def test_it_is_waited_for_as_long_as_asked_and_no_longer(stopping: Stopping) -> None:
    for seconds in (0.0, -1.0, 0.0004, 0.02):
        begun = time.monotonic()
        assert not stopping.wait(seconds)
        assert time.monotonic() - begun >= seconds
    threading.Timer(0.02, stopping.set).start()
    assert stopping.wait()
    assert stopping.wait(10)


def test_threads_and_loops_wait_at_once(stopping: Stopping) -> None:
    ended: list[bool] = []

    async def several() -> None:
        ended.extend(await asyncio.gather(*(_awaited(stopping) for _ in range(3))))

    waiting = [threading.Thread(target=lambda: ended.append(stopping.wait())) for _ in range(2)]
    waiting += [threading.Thread(target=lambda: asyncio.run(several())) for _ in range(2)]
    for each in waiting:
        each.start()
    time.sleep(0.05)
    stopping.set()
    for each in waiting:
        each.join(10)
    assert ended == [True] * 8
    asyncio.run(several())


async def _awaited(stopping: Stopping) -> bool:
    return await stopping
