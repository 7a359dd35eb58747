"""A peer that has given up for good is named: libzmq connects no more after an error in the handshake."""

from __future__ import annotations

import sys

import pytest

from .mesh import HERE, RESTART, Make, edge, program

pytestmark = [pytest.mark.process, pytest.mark.long]


def test_who_has_given_up_is_named_and_a_restart_cures_it(mesh: Make) -> None:
    made = mesh({}, {})
    flag = made.folder / "flag"
    made.write(
        {
            "source": program("programs:source", {"numbers": "PUSH"}, args={"rate": 100}),
            "stranger": {
                "command": [sys.executable, f"{HERE}/stranger.py", "${endpoint.numbers}", str(flag)],
                "restart": RESTART,
                "ready": "listening",
                "sockets": {"numbers": "PULL"},
            },
        },
        {"numbers": edge("stranger.numbers", "source.numbers", "tcp")},
    )
    made.start()
    made.until(lambda: flag.exists() and made.ps()["stranger"]["state"] == "ready", 30)
    [note] = made.until(lambda: [each for each in made.events("note") if "no connection" in each["text"]])
    assert "source has no connection to stranger (numbers), though both are ready" in note["text"]
    assert "orchestrator restart source" in note["text"]
    made.kill("source")
    made.until(lambda: any("are connected (numbers)" in each["text"] for each in made.events("note")))
    made.until(made.whole)
    made.down()
    made.ended()
