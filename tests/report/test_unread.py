from __future__ import annotations

from typing import Any, cast

import pytest

from orchestrator.control.messages import InFlight, UnreadAt
from orchestrator.report.unread import in_flight, unread

USUAL = {"socket": "out", "edge": "b", "peer": "", "way": "sent", "then": "lost", "messages": None, "bytes": 0}
NOTHING = {"lost": [], "messages": 0, "bytes": 0, "kept": 0, "keepers": [], "unknown": {}}


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (
            {"peer": "r.b", "bytes": 2048},
            "left with at least 2 kB of sb.out (edge b) that r.b has not read: lost",
        ),
        ({"bytes": 12, "edge": ""}, "left with at least 12 B of sb.out that its peer has not read: lost"),
        ({"messages": 3}, "left with 3 messages of sb.out (edge b) that nobody took in time: lost"),
        ({"socket": "", "edge": ""}, "left with messages of sb that nobody took in time: lost"),
        (
            {"way": "received", "messages": 961, "bytes": 3000},
            "left 961 messages, 3 kB unread at sb.out (edge b): lost",
        ),
        (
            {"way": "received", "then": "dropped", "messages": 1, "bytes": 1},
            "left 1 message, 1 B unread at sb.out (edge b)",
        ),
        ({"then": "kept", "messages": 191}, "191 messages of sb.out (edge b) stay in the journal"),
        ({"then": "kept", "messages": 1}, "1 message of sb.out (edge b) stays in the journal"),
        ({"then": "kept"}, "what subscribers have not had of sb.out (edge b) stays in the journal"),
    ],
)
def test_what_a_socket_has_left(found: dict[str, Any], told: str) -> None:
    assert unread("sb", cast(UnreadAt, USUAL | found)) == told


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({}, "nothing left in flight"),
        ({"lost": ["sb"], "bytes": 2048}, "lost: at least 2 kB of sb"),
        ({"lost": ["r", "sb"], "messages": 961, "bytes": 2048}, "lost: at least 961 messages, 2 kB of r, sb"),
        ({"lost": ["sb"]}, "lost: messages of sb"),
        ({"keepers": ["risk"], "kept": 191}, "191 messages kept in journals"),
        (
            {"unknown": {"signal": ["source", "sink"]}},
            "ended by a signal, so what they held is lost: source, sink",
        ),
        (
            {"lost": ["r"], "messages": 1, "unknown": {"failed": ["x"]}},
            "lost: at least 1 message of r; failed, so what they held is lost: x",
        ),
    ],
)
def test_what_a_mesh_has_left(found: dict[str, Any], told: str) -> None:
    assert in_flight(cast(InFlight, NOTHING | found)) == told
