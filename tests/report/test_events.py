from __future__ import annotations

from typing import Any, cast

import pytest

from orchestrator.control.messages import Event
from orchestrator.report.events import line

NOTHING = {"lost": [], "messages": 0, "bytes": 0, "kept": 0, "keepers": [], "unknown": {}}
EXITED = {
    "event": "exited", "process": "bot-9", "generation": 1, "status": 1, "seconds": 12.44,
    "reason": ["Traceback", "KeyError: 'NVDA'", ""], "will": "restart", "attempt": 1, "max_attempts": 5, "delay": 0.093,
    "clean": False, "stopping": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (
            {"event": "begin", "mesh": "m", "processes": 2, "links": 1, "files": ["t.yaml"], "run": ""},
            "-  begins: 2 processes, 1 link, from t.yaml",
        ),
        (
            {"event": "started", "process": "bot-9", "pid": 7, "generation": 2},
            "bot-9  started, pid 7, generation 2",
        ),
        (
            {"event": "gate", "wave": 0, "seconds": 0.31, "processes": 2, "links": 1, "subscriptions": {}},
            "-  gate 0 open after 310 ms: 2 processes, 1 link",
        ),
        ({"event": "ready", "process": "bot-9"}, "bot-9  ready"),
        ({"event": "up", "seconds": 1.5, "processes": 2}, "-  all is ready after 1.5 s"),
        (EXITED, "bot-9  exited with status 1 after 12.4 s: KeyError: 'NVDA'; restart 1 of 5 in 93 ms"),
        (
            EXITED | {"status": -9, "reason": [], "max_attempts": None},
            "bot-9  killed by SIGKILL after 12.4 s; restart 1 in 93 ms",
        ),
        (
            EXITED | {"status": -11, "reason": [], "will": "failed", "stopping": True},
            "bot-9  killed by SIGSEGV after 12.4 s; failed, when told to stop",
        ),
        (
            EXITED | {"status": 0, "reason": [], "will": "done", "clean": True},
            "bot-9  exited with status 0 after 12.4 s; done",
        ),
        (
            {"event": "blocked", "waiting": [{"process": "bot-9", "for": "its import"}]},
            "-  the gate waits for bot-9 (its import)",
        ),
        ({"event": "draining", "order": [["feed"], ["bot"]], "reason": "down"}, "-  stopping, down: feed, then bot"),
        ({"event": "killed", "process": "bot-9", "signal": "KILL", "text": ""}, "bot-9  killed by KILL"),
        ({"event": "note", "text": "a \x1b[2J"}, "-  a \\x1b[2J"),
        (
            {
                "event": "ended", "status": 1, "state": "failed", "clean": 1, "restarts": 2, "killed": ["bot-9"],
                "seconds": 0.2, "processes": 2, "replaced": "",
                "drained": False, "in_flight": NOTHING,
            },
            "-  failed after 0.20 s of drain, 1 clean exit, 2 restarts, killed: bot-9, nothing left in flight",
        ),
    ],
)  # fmt: skip
def test_each_event_has_its_line(values: dict[str, Any], told: str) -> None:
    assert line(cast(Event, {"time": 1.5, **values})) == f"1970-01-01T00:00:01.500000Z  {told}"
