"""The first message arrives: every pair of types, either side binding, over ipc and tcp."""

from __future__ import annotations

import pytest

from .mesh import Mesh, Process

pytestmark = pytest.mark.process

COUNT = 500

PAIRS = {
    "PUB-SUB": ("PUB", "SUB", "send", "collect", {"subscribe": [""]}),
    "PUSH-PULL": ("PUSH", "PULL", "send", "collect", {}),
    "PAIR-PAIR": ("PAIR", "PAIR", "send", "collect", {}),
    "REQ-REP": ("REQ", "REP", "ask", "answer", {}),
    "DEALER-ROUTER": ("DEALER", "ROUTER", "ask_all", "route", {}),
}


def start_pair(mesh: Mesh, pair: str, transport: str, source_binds: bool) -> tuple[Process, Process]:
    kind, other, source, sink, options = PAIRS[pair]
    mesh.listen("link", transport)
    ends = [{"connect": ["link"]}, {"bind": ["link"]}]
    here, there = ends[source_binds], ends[not source_binds]
    first = mesh.start("source", f"node_programs:{source}", {"out": {"type": kind, **here}}, count=COUNT)
    second = mesh.start("sink", f"node_programs:{sink}", {"in": {"type": other, **there, **options}})
    return first, second


@pytest.mark.parametrize("source_binds", [True, False], ids=["source-binds", "sink-binds"])
@pytest.mark.parametrize("transport", ["ipc", "tcp"])
@pytest.mark.parametrize("pair", PAIRS)
def test_nothing_is_lost_from_the_first_message_to_the_last(mesh, pair, transport, source_binds):
    source, sink = start_pair(mesh, pair, transport, source_binds)
    source.gate(out=(1, "sink.in.1"))
    sink.gate(**{"in": (1,)})
    source.wired()
    sink.wired()
    source.go()
    sink.go()
    assert source.wait() == 0, source.text
    if source_binds:
        mesh.unlisten("link")
    assert sink.drain("in") == 0, sink.text
    assert sink.result == list(range(COUNT))
    if pair in ("REQ-REP", "DEALER-ROUTER"):
        assert source.result == list(range(COUNT))
