from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.contract import messages, wiring
from orchestrator.contract.wiring import SocketWiring, Wiring, pack_markers, unpack_markers

TICKS = SocketWiring(
    "SUB",
    connect=("ipc:///run/m/feed.ticks",),
    options={"subscribe": ["AAPL", {"hex": "ff00"}], "rcvhwm": 0},
    edges=("ticks",),
    peers=1,
    declared="topology.yaml:7:9",
)
ORDERS = SocketWiring("PULL", bind=("ipc:///run/m/b", "tcp://127.0.0.1:5000"), fd=(4, None))
BOT = Wiring("m", "bot", "bot-3", 3, 24, 2, {"ticks": TICKS, "orders": ORDERS}, args={"n": [1, 2]}, control_fd=3)


def test_a_wiring_comes_back_as_it_was() -> None:
    assert wiring.load(BOT.dump()) == BOT


@pytest.mark.parametrize("text", ["1", "[]", "{}", '{"version": 2}', '{"version": "1"}', "no json"])
def test_what_is_no_wiring_of_this_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"version|Expecting"):
        wiring.load(text)


def test_what_a_later_release_adds_is_passed_over() -> None:
    data = json.loads(BOT.dump())
    data["added"] = data["sockets"]["ticks"]["added"] = 1
    assert wiring.load(json.dumps(data)) == BOT


@given(st.binary())
def test_bytes_come_back_as_they_were(value: bytes) -> None:
    written = json.loads(json.dumps(wiring.from_bytes(value)))
    assert wiring.to_bytes(written) == value


def test_bytes_are_text_where_they_can_be() -> None:
    assert wiring.from_bytes("Ä".encode()) == "Ä"
    assert wiring.from_bytes(b"\xff") == {"hex": "ff"}


@given(st.text("abc-0123", min_size=1), st.text("abc-_", min_size=1), st.integers(0), st.binary())
def test_a_marker_sorts_behind_every_text_and_names_its_incarnation(
    process: str, socket: str, generation: int, subscription: bytes
) -> None:
    marker = wiring.marker(process, socket, generation)
    assert subscription < marker or subscription.startswith(b"\xff")
    assert marker == b"\xff" + f"{process}.{socket}.{generation}\n".encode()


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_no_marker_begins_with_another(one: int, other: int) -> None:
    # A subscription is a prefix: one that was would match the other's.
    if one != other:
        assert not wiring.marker("bot-1", "ticks", one).startswith(wiring.marker("bot-1", "ticks", other))


def test_the_version_is_written() -> None:
    assert json.loads(replace(BOT, sockets={}).dump())["version"] == wiring.VERSION


def test_markers_are_put_together_and_apart() -> None:
    markers = ["bot-0.ticks.1", "bot-1.ticks.1", "feed.in.3", "cam-left.in.1", "a-b-7.in.12", "bot-2.ticks.2"]
    packed = pack_markers(markers)
    assert packed["bot-*.ticks.1"] == "0 1"
    assert sorted(unpack_markers(packed)) == sorted(markers)
    assert unpack_markers(pack_markers([])) == []
    thousands = [f"{'long' * 15}-{number}.ticks.1" for number in range(20_000)]
    assert len(messages.encode({"markers": pack_markers(thousands)})) < messages.LIMIT
