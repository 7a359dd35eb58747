"""A sender that waits for somebody who takes more does not hold up the end of its mesh when nobody is left to do so."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Case, Ended

pytestmark = pytest.mark.process

FAR_BELOW = 4.0
"""Seconds, on a machine that is busy, for what must not last until the grace of 10 s is over."""

WITHIN = 1.0

Make = Callable[..., Case]


def variant(sender: str, kinds: str = "PUSH PULL", sink: str = "enough", *, turned: bool = False, **more: Any) -> Any:
    """Give the nodes and edges of a sender and its sink."""
    out, into = kinds.split()
    python, _, method = sender.partition(" ")
    bind, connect = ("feed.out", "sink.in") if turned else ("sink.in", "feed.out")
    nodes = {
        "feed": {"python": f"variants:{python}", "sockets": {"out": out}, "args": {"method": method} if method else {}},
        "sink": {"python": f"variants:{sink}", "kind": "main", "sockets": {"in": into}},
    }
    return nodes, {"e": {"bind": bind, "connect": connect, **more}}


def between(*, turned: bool) -> Any:
    nodes, _ = variant("pour")
    nodes["worker"] = {"python": "variants:hand_on", "replicas": 2, "sockets": {"in": "PULL", "out": "PUSH"}}
    first = {"bind": "worker.in", "connect": "feed.out"} if turned else {"bind": "feed.out", "connect": "worker.in"}
    return nodes, {"e": first, "f": {"bind": "sink.in", "connect": "worker.out"}}


BATCH = {"batch": {"messages": 16, "delay": "1ms"}}
DURABLE = {"delivery": {"kind": "durable", "max_size": "1MiB"}}

VARIANTS = {
    "connects": variant("pour"),
    "binds": variant("pour", turned=True),
    "multipart": variant("pour send_multipart", sink="enough_parts"),
    "asyncio": variant("pour_async"),
    "asyncio multipart": variant("pour_async send_multipart", sink="enough_parts", turned=True),
    "batch": variant("pour", **BATCH),
    "batch, binds": variant("pour", turned=True, **BATCH),
    "batch, asyncio": variant("pour_async", **BATCH),
    "durable": variant("pour", **DURABLE),
    "durable, asyncio": variant("pour_async", **DURABLE),
    "DEALER": variant("pour", "DEALER ROUTER", "enough_parts"),
    "DEALER, binds": variant("pour send_multipart", "DEALER DEALER", "enough_parts", turned=True),
    "PAIR": variant("pour", "PAIR PAIR"),
    "workers": between(turned=False),
    "workers bind": between(turned=True),
}


def ran(case: Case, nodes: Any, edges: Any) -> tuple[Ended, dict[str, Any]]:
    """Run a mesh to its end; give that, and its last event."""
    (case.folder / "v.topology.yaml").write_text(json.dumps({"name": "v", "nodes": nodes, "edges": edges}))
    done = case("up", "v.topology.yaml")
    events = case.state / "orchestrator/v/events.jsonl"
    assert events.exists(), done.text
    told = [json.loads(line) for line in events.read_text().splitlines()]
    return done, [each for each in told if each["event"] == "ended"][-1]


@pytest.mark.parametrize("of", ["a.topology.yaml", "c.topology.yaml"])
def test_the_mesh_ends_with_its_sink(case: Make, of: str) -> None:
    done = case("drain-of-blocked-sender")("up", of)
    assert done.status == 0, done.text
    assert re.search(r"feed \| sent \d{4}", done.text)
    assert "killed" not in done.text
    assert "Traceback" not in done.text
    assert "2 clean exits" in done.text


@pytest.mark.parametrize("of", ["topology.yaml", "c.topology.yaml"])
def test_it_ends_with_its_main_where_the_sink_has_failed(case: Make, of: str) -> None:
    made = case("drain-of-sender-to-the-failed")
    done = made("up", of)
    assert done.status == 1, done.text  # as a service has failed
    assert re.search(r"feed \| sent \d+", done.text)
    assert "killed" not in done.text
    assert "2 clean exits" in done.text
    assert drained(done) < FAR_BELOW


def test_every_kind_of_sender_ends_with_its_sink(case: Make) -> None:
    nodes: dict[str, Any] = {}
    edges: dict[str, Any] = {}
    for number, (of, to) in enumerate(VARIANTS.values()):
        nodes |= {f"{name}{number}": given for name, given in of.items()}
        edges |= {
            f"{name}{number}": {
                key: value.replace(".", f"{number}.") if key in ("bind", "connect") else value
                for key, value in given.items()
            }
            for name, given in to.items()
        }
    done, end = ran(case("drain-of-blocked-sender"), nodes, edges)
    assert end["killed"] == [], done.text
    assert end["clean"] == end["processes"], done.text
    assert end["seconds"] < FAR_BELOW, done.text
    assert done.status == 0, done.text
    assert len(re.findall(r"feed\d+ +\| sent \d+", done.text)) == len(VARIANTS), done.text
    assert "Traceback" not in done.text


def test_who_waits_for_a_reply_of_one_that_is_over_ends_too(case: Make) -> None:
    nodes, edges = variant("ask", "REQ REP")
    nodes["rep"] = nodes.pop("sink")
    edges["e"] = {"bind": "rep.in", "connect": "feed.out"}
    done, end = ran(case("drain-of-blocked-sender"), nodes, edges)
    assert (done.status, end["killed"]) == (0, []), done.text
    assert end["seconds"] < FAR_BELOW


@pytest.mark.long
def test_it_stops_by_hand_where_its_sink_has_failed(case: Make) -> None:
    made = case("drain-of-sender-to-the-failed")
    text = (made.folder / "topology.yaml").read_text().replace("kind: main", "kind: service")
    (made.folder / "topology.yaml").write_text(text.replace("progs:ok", "progs:stay"))
    (made.folder / "progs.py").write_text(
        (made.folder / "progs.py").read_text() + "def stay(node): node.stopping.wait()\n"
    )
    made("up", "-d", "-q")
    made("wait", "--exit", "sink", "-q")
    done = made("stop", "feed")
    assert done.text.startswith("feed: stopped;"), done.text
    assert "sent" in made("logs", "feed").out
    assert made("down", "-q").status == 0


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", VARIANTS)
def test_each_ends_within_a_second_of_its_sink_fifty_times(case: Make, name: str) -> None:
    made = case("drain-of-blocked-sender")
    for _ in range(50):
        done, end = ran(made, *VARIANTS[name])
        assert (done.status, end["killed"]) == (0, []), done.text
        assert end["seconds"] < WITHIN, done.text


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("of", ["topology.yaml", "c.topology.yaml"])
def test_so_does_one_whose_sink_has_failed_fifty_times(case: Make, of: str) -> None:
    made = case("drain-of-sender-to-the-failed")
    (made.folder / "progs.py").write_text((made.folder / "progs.py").read_text().replace("wait(2)", "wait(0.3)"))
    for _ in range(50):
        done = made("up", of)
        assert "killed" not in done.text, done.text
        assert drained(done) < WITHIN


def drained(done: Ended) -> float:
    """Give how long the drain took."""
    found = re.search(r"drained +\S+ +([\d.]+) s", done.text)
    assert found, done.text
    return float(found.group(1))
