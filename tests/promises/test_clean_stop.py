"""A clean stop: ``down`` at a random moment of a pipeline, and all that was sent arrives."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from tests.support.meshes import Make, edge, node

pytestmark = pytest.mark.process

TRANSPORTS = ("ipc", "tcp")

SIZES = {"ipc": 64, "tcp": 4000}
"""Bytes of a message. Over ipc a close can only lose messages where a connection holds more of them than half a
high-water mark; tcp holds more bytes than that, and a slow worker has to be done in time."""

BUFFERS = {"ipc": {}, "tcp": {"sndbuf": 2**18, "rcvbuf": 2**18}}
"""tcp over loopback would hold megabytes. Below a few of its segments (64 KiB each) it waits for timers."""


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_all_that_was_sent_arrives(mesh: Make, transport: str) -> None:
    sent, arrived, different = _stop(mesh, transport)
    assert sent == arrived == different > 0


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_all_that_was_sent_arrives_in_20_of_20(mesh: Make, transport: str) -> None:
    for _ in range(20):
        sent, arrived, different = _stop(mesh, transport)
        assert sent == arrived == different > 0


@pytest.mark.long
def test_without_held_descriptors_messages_are_lost(mesh: Make) -> None:
    sent, arrived, _ = _stop(mesh, "ipc", env={"ORCHESTRATOR_HOLD": "0"})
    assert 0 < arrived < sent


def _stop(make: Make, transport: str, **more: Any) -> tuple[int, int, int]:
    """Give how many messages the source has sent, how many have come to the sink, and how many different ones."""
    more = {"stop": {"grace": "30s"}, **more}

    def socket(kind: str) -> dict[str, Any]:
        return {"type": kind, **BUFFERS[transport]}

    mesh = make(
        {
            "source": node("programs:source", {"tasks": socket("PUSH")}, args={"size": SIZES[transport]}, **more),
            "worker": node(
                "programs:worker",
                {"tasks": socket("PULL"), "results": socket("PUSH")},
                replicas=4,
                args={"slow": 0.002},
                **more,
            ),
            "sink": node("programs:sink", {"results": socket("PULL")}, **more),
        },
        {
            "tasks": edge("source.tasks", "worker.tasks", transport),
            "results": edge("sink.results", "worker.results", transport),
        },
    )
    mesh.start()
    mesh.wait_for("up")
    time.sleep(random.uniform(0, 1))  # the random moment
    mesh.down()
    ended = mesh.ended(60)
    assert not ended["killed"], mesh.account()
    sent, (arrived, different) = int(mesh.last("source")), map(int, mesh.last("sink").split())
    mesh.close()
    return sent, arrived, different
