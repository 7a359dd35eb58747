"""Batched edges in a whole mesh: nothing is lost by its start, its timer, its drain or a restart of nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support import meshes
from tests.support.meshes import Make, edge, mesh

__all__ = ["mesh"]

pytestmark = pytest.mark.process


def node(python: str, sockets: dict[str, Any], **more: Any) -> dict[str, Any]:
    return meshes.node(python, sockets, **more) | {"working_dir": str(Path(__file__).parent)}


def batched(bind: str, connect: Any, transport: str, *, turned: bool = False) -> dict[str, object]:
    return edge(bind, connect, transport, turned=turned, batch={"messages": 100, "delay": "20ms"})


@pytest.mark.parametrize("transport", ["ipc", "tcp"])
@pytest.mark.parametrize("turned", [False, True])
def test_all_that_was_sent_arrives(mesh: Make, transport: str, turned: bool) -> None:
    made = mesh(
        {
            "source": node("batches:source", {"work": "PUSH", "ticks": "PUB"}, kind="main", args={"count": 20_000}),
            "one": node("batches:one_by_one", {"work": "PULL", "ticks": {"type": "SUB", "subscribe": "A"}}),
            "other": node("batches:by_asyncio", {"work": "PULL", "ticks": {"type": "SUB", "subscribe": "B"}}),
        },
        {
            "work": batched("source.work", ["one.work", "other.work"], transport, turned=turned),
            "ticks": batched("source.ticks", ["one.ticks", "other.ticks"], transport, turned=turned),
        },
    )
    made.start()
    assert made.ended()["status"] == 0, made.account()
    said = [made.last(name).split() for name in ("one", "other")]
    assert sum(int(work) for work, *_ in said) == 20_000
    assert [ticks for _, ticks, _ in said] == ["10000", "10000"]
    assert all(in_order == "True" for *_, in_order in said)
    made.close()


@pytest.mark.parametrize("quiet", ["wait", "receive"])
def test_the_tail_of_a_burst_goes_while_the_program_waits(mesh: Make, quiet: str) -> None:
    made = mesh(
        {
            "source": node("batches:bursts", {"work": "PUSH", "never": "PULL"}, args={"quiet": quiet}),
            "sink": node("batches:counting", {"work": "PULL", "never": "PUSH"}),
        },
        {"work": batched("source.work", "sink.work", "ipc"), "never": edge("source.never", "sink.never")},
    )
    made.start()
    made.until(lambda: made.said("sink") == ["5"])
    made.down()
    made.ended()
    made.close()


def test_what_nobody_took_is_said(mesh: Make) -> None:
    small = {"sndhwm": 1, "sndtimeo": 10, "sndbuf": 4096}
    made = mesh(
        {
            "source": node("batches:flood", {"work": {"type": "PUSH", **small}}, stop={"grace": "1s"}),
            "sink": node("batches:deaf", {"work": {"type": "PULL", "rcvhwm": 1, "rcvbuf": 4096}}),
        },
        {"work": batched("source.work", "sink.work", "tcp")},
    )
    made.start()
    made.until(lambda: made.said("source") == ["full"])
    made.down()
    made.ended()
    assert "source.work (edge work): " in made.account()
    assert "messages were not sent" in made.account()
    made.close()
