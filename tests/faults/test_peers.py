"""A peer of every kind of socket is killed, whoever binds: the two hear each other again without help."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from .mesh import HERE, RESTART, Make, Mesh, edge

pytestmark = [pytest.mark.process, pytest.mark.long]


class Pair(NamedTuple):
    """Two types of socket, the program of either side, and whether the first hears the second too."""

    first: str
    second: str
    programs: tuple[str, str]
    both: bool


PAIRS = [
    *(Pair(one, other, ("send", "receive"), False) for one in ("PUB", "XPUB") for other in ("SUB", "XSUB")),
    Pair("PUSH", "PULL", ("send", "receive"), False),
    *(Pair(one, other, ("ask", "answer"), True) for one in ("REQ", "DEALER") for other in ("REP", "ROUTER")),
    Pair("DEALER", "DEALER", ("talk", "talk"), True),
    Pair("ROUTER", "ROUTER", ("talk", "talk"), True),
    Pair("PAIR", "PAIR", ("talk", "talk"), True),
]

NAMED = {"routing_id": "${process}"}

OPTIONS = {
    "DEALER": NAMED,
    "ROUTER": {
        **NAMED,
        "router_handover": True,
    },  # else one of an old name is turned away (zmq_setsockopt)
    "SUB": {"subscribe": ""},
    "REQ": {"req_relaxed": True, "req_correlate": True},  # what a REQ needs that outlives an answer (guide, chapter 4)
}


def start(make: Make, pair: Pair, binds: str, transport: str) -> Mesh:
    def side(name: str, other: str, kind: str, peer: str, program: str) -> dict[str, object]:
        return {
            "python": f"peers:{program}",
            "working_dir": HERE,
            "restart": RESTART,
            "args": {"peer": peer, "other": other},
            "sockets": {"talk": {"type": kind, **OPTIONS.get(kind, {})}},
        }

    mesh = make(
        {
            "first": side("first", "second", pair.first, pair.second, pair.programs[0]),
            "second": side("second", "first", pair.second, pair.first, pair.programs[1]),
        },
        {"talk": edge("first.talk", "second.talk", transport, turned=binds == "second")},
    )
    mesh.start_detached()
    return mesh


def wait_until_heard(mesh: Mesh, pair: Pair) -> None:
    """Wait until each has heard the other that lives now, and nobody else since."""
    pids = mesh.pids()
    mesh.until(lambda: mesh.said("second")[-1:] == [f"heard {pids['first']}"], 20)
    if pair.both:
        mesh.until(lambda: mesh.said("first")[-1:] == [f"heard {pids['second']}"], 20)


@pytest.mark.parametrize("transport", ["ipc", "tcp"])
@pytest.mark.parametrize("binds", ["first", "second"])
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.first}-{pair.second}")
def test_two_hear_each_other_again(mesh: Make, pair: Pair, binds: str, transport: str) -> None:
    made = start(mesh, pair, binds, transport)
    wait_until_heard(made, pair)
    for generation in (2, 3):
        for victim in ("first", "second"):
            made.kill(victim)
            made.until(lambda victim=victim, generation=generation: made.ps()[victim]["generation"] == generation)
            made.until(made.whole)
            wait_until_heard(made, pair)
    made.down()
    assert made.ended()["killed"] == []
