"""The first message arrives: programs speak from their first instruction, and their peers load up to 300 ms late."""

from __future__ import annotations

from array import array
from typing import Any

import pytest

from tests.support.meshes import Make, Mesh, edge, node
from tests.support.programs import SYMBOLS

pytestmark = pytest.mark.process

BOTS = 24
TICKS = 6000
EACH = 50
PEERS = 4

TRANSPORTS = ("ipc", "tcp")
TURNED = (False, True)

UNGATED = {"ORCHESTRATOR_GATE": "0"}


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("transport", ["ipc", pytest.param("tcp", marks=pytest.mark.long)])
def test_every_bot_receives_every_tick(mesh: Make, transport: str) -> None:
    _market(mesh, transport)


@pytest.mark.long
@pytest.mark.usefixtures("busy")
def test_every_bound_bot_receives_every_tick(mesh: Make) -> None:
    _market(mesh, "ipc", turned=True)


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("turned", TURNED)
def test_every_bot_receives_every_tick_in_100_of_100(mesh: Make, transport: str, turned: bool) -> None:
    for _ in range(100):
        _market(mesh, transport, turned=turned)


@pytest.mark.usefixtures("busy")
def test_without_the_gate_first_ticks_are_lost(mesh: Make) -> None:
    with pytest.raises(AssertionError, match="lost"):
        _market(mesh, "ipc", ticks=500, rate=500, environment=UNGATED)


def _market(
    make: Make, transport: str, turned: bool = False, ticks: int = TICKS, rate: float = 0, environment: Any = None
) -> None:
    args = {"ticks": ticks, "rate": rate}
    mesh = make(
        {
            "feed": node("programs:feed", {"ticks": _publisher()}, kind="main", args=args),
            "bot": node("late_programs:bot", {"ticks": _subscriber()}, replicas=BOTS),
        },
        {"ticks": edge("feed.ticks", "bot.ticks", transport, turned=turned)},
        environment,
    )
    mesh.start()
    assert mesh.ended()["status"] == 0, mesh.account()
    for number in range(BOTS):
        _, *found = mesh.last(f"bot-{number}").split()
        assert found == _all_ticks(0, ticks), f"bot-{number} lost ticks"
    mesh.close()


def _publisher() -> dict[str, Any]:
    return {"type": "PUB", "sndhwm": 2 * TICKS}


def _subscriber() -> dict[str, Any]:
    return {"type": "SUB", "subscribe": ["AAPL ", "MSFT "]}


def _all_ticks(first: int, end: int) -> list[str]:
    """Say what a bot prints that has received all ticks of its symbols, from one number to before another."""
    found = []
    for place, symbol in enumerate(SYMBOLS[:2]):
        numbers = [number for number in range(first, end) if number % len(SYMBOLS) == place]
        found.append(f"{symbol.decode()}:{numbers[0]}:{numbers[-1]}:{len(numbers)}")
    return found


# ---- a restart under the running feed


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_restarted_bot_misses_nothing_from_its_gate_on(mesh: Make, transport: str) -> None:
    _restart(mesh, transport)


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("turned", TURNED)
def test_a_restarted_bot_misses_nothing_in_100_of_100(mesh: Make, transport: str, turned: bool) -> None:
    for _ in range(100):
        _restart(mesh, transport, turned=turned)


def _restart(make: Make, transport: str, turned: bool = False) -> None:
    """Kill a bot; what is sent after its successor's first instruction must arrive there."""
    mesh = make({}, {})
    record = mesh.folder / "times"
    endless = {"ticks": TICKS * 100, "rate": 2000, "record": str(record)}
    mesh.write(
        {
            "feed": node("programs:feed", {"ticks": _publisher()}, args=endless),
            "bot": node("late_programs:bot", {"ticks": _subscriber()}, replicas=3),
        },
        {"ticks": edge("feed.ticks", "bot.ticks", transport, turned=turned)},
    )
    mesh.start()
    mesh.until(lambda: mesh.said("bot-1") == ["100 fresh ticks"])
    mesh.kill("bot-1")
    mesh.until(lambda: mesh.said("bot-1") == ["100 fresh ticks"] * 2)  # its successor's
    mesh.down()
    mesh.ended()

    times = array("d", record.read_bytes())
    began, *found = mesh.last("bot-1").split()
    first = min(int(each.split(":")[1]) for each in found)
    assert found == _all_ticks(first, len(times)), "the restarted bot lost ticks"
    owed = [number for number, sent in enumerate(times) if sent > float(began) and number % len(SYMBOLS) < 2]
    assert first <= owed[0], "the restarted bot lost ticks that were sent after it had begun"
    for other in ("bot-0", "bot-2"):
        assert mesh.last(other).split()[1:] == _all_ticks(0, len(times)), f"{other} lost ticks"
    mesh.close()


# ---- the other patterns


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("turned", TURNED)
def test_each_peer_has_its_share_from_the_first_message_on(mesh: Make, transport: str, turned: bool) -> None:
    _patterns(mesh, transport, turned)


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("turned", TURNED)
def test_each_peer_has_its_share_in_100_of_100(mesh: Make, transport: str, turned: bool) -> None:
    for _ in range(100):
        _patterns(mesh, transport, turned)


@pytest.mark.parametrize("pattern", ["work", "questions", "talk"])
def test_without_the_gate_shares_are_unfair(mesh: Make, pattern: str) -> None:
    with pytest.raises(AssertionError, match=r"share|not within"):
        _patterns(mesh, "ipc", False, only=pattern, within=2, environment=UNGATED)


def _patterns(
    make: Make, transport: str, turned: bool, only: str = "", within: float = 15, environment: Any = None
) -> None:
    """PUSH and PULL, REQ and REP, ROUTER and DEALER, PAIR in one mesh."""
    several = {"replicas": PEERS}
    one = {"args": {"each": EACH, "peers": PEERS}, "kind": "job"}
    talk = {"args": {"each": EACH}, "kind": "job", **several}
    nodes = {
        "pusher": node("programs:pusher", {"work": "PUSH"}, **one),
        "puller": node("late_programs:puller", {"work": "PULL"}, **several),
        "asker": node("programs:asker", {"questions": "REQ"}, **one),
        "answerer": node("late_programs:answerer", {"questions": "REP"}, **several),
        "router": node("programs:router", {"talk": "ROUTER"}, **one),
        "dealer": node("late_programs:talker", {"talk": {"type": "DEALER", "routing_id": "${process}"}}, **talk),
        "left": node("late_programs:talker", {"talk": "PAIR"}, **talk),
        "right": node("late_programs:talker", {"talk": "PAIR"}, **talk),
    }
    edges = {
        "work": edge("pusher.work", "puller.work", transport, turned=turned),
        "questions": edge("asker.questions", "answerer.questions", transport, turned=turned),
        "talk": edge("router.talk", "dealer.talk", transport, turned=turned),
        "pairs": edge("left.talk", "right.talk", transport, turned=turned, pairing="same"),
    }
    if only:
        edges = {only: edges[only]}
        taking_part = {end.split(".")[0] for end in (edges[only]["bind"], edges[only]["connect"])}
        nodes = {name: body for name, body in nodes.items() if name in taking_part}
    mesh = make(nodes, edges, environment)
    mesh.start()
    for job in [name for name, body in nodes.items() if body.get("kind") == "job"]:
        processes = [f"{job}-{number}" for number in range(PEERS)] if "replicas" in nodes[job] else [job]
        for process in processes:
            mesh.until(lambda name=process: mesh.events("exited", process=name, will="done"), within)
    mesh.wait_for("up")
    mesh.down()
    mesh.ended()
    _check_shares(mesh, nodes)
    mesh.close()


def _check_shares(mesh: Mesh, nodes: dict[str, Any]) -> None:
    if "puller" in nodes:
        assert [mesh.last(f"puller-{number}") for number in range(PEERS)] == [str(EACH)] * PEERS, "unfair share"
    if "asker" in nodes:
        assert mesh.last("asker").split() == [f"answerer-{number}:{EACH}" for number in range(PEERS)], "unfair share"
    if "router" in nodes:
        assert mesh.last("router").split() == [f"dealer-{number}:{EACH}" for number in range(PEERS)], "unfair share"
