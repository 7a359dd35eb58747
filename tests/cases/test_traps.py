"""What a newcomer would believe to work: said before it does harm."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zmq

from tests.cases.conftest import Case
from tests.support.waiting import until
from tests.topologies.running import free_ports

pytestmark = pytest.mark.process

Cases = Callable[..., Case]


def put(case: Case, file: str, was: str, comes: str) -> None:
    path = case.folder / file
    text = path.read_text()
    assert was in text
    path.write_text(text.replace(was, comes))


def waiting(case: Case, mesh: str) -> int:
    done = case("journal", "ls", "-m", mesh, "--format", "json")
    return sum(one["unacknowledged"] for one in json.loads(done.out)["journals"])


@pytest.fixture
def desk(case: Cases) -> Iterator[Case]:
    made = case("desk", EXCHANGE="127.0.0.1")
    for file in ("topology.yaml", "real.yaml"):
        put(made, file, "17403", str(free_ports(1)))
    yield made
    made("down", "--all", "--now", "-q")


PAPER = ("-f", "topology.yaml", "-f", "paper.yaml", "--set", "rate=10")
REAL = ("-f", "topology.yaml", "-f", "real.yaml", "--set", "rate=10")


@pytest.mark.long
def test_no_paper_order_gets_into_the_live_log_without_a_yes(desk: Case) -> None:
    assert desk("up", "-d", *PAPER).status == 0
    assert desk("stop", "book", "-m", "desk").status == 0
    until(lambda: waiting(desk, "desk"))

    put(desk, "topology.yaml", "window: 5", "window: 7")
    again = desk("restart", "momentum-0", "-m", "desk")
    what = "topology.yaml has changed since the start (momentum: args window); what runs is the old plan: down and up"
    assert what in again.err, again

    down = desk("down", "desk", "--grace", "2s")
    assert "book does not run; what others still have for it stays in their journals" in down.err
    assert "lost" not in down.err.replace("--now", "")
    left, log = waiting(desk, "desk"), (desk.folder / "orders.log").read_bytes()
    assert left

    refused = desk("up", *REAL, "--for", "2s")
    said = f"risk.audit: {left:,} message"
    assert (refused.status, refused.out) == (2, "")
    assert said in refused.err
    assert "written under topology.yaml, paper.yaml, exchange not external\n" in refused.err
    assert "desk has external nodes (exchange): -y starts it all the same" in refused.err
    assert (waiting(desk, "desk"), (desk.folder / "orders.log").read_bytes()) == (left, log)

    agreed = desk("up", "-y", "-d", *REAL)
    assert agreed.status == 0, agreed
    assert said in agreed.err
    until(lambda: (desk.folder / "orders.log").read_bytes().count(b"\n") >= log.count(b"\n") + left)
    desk("down", "desk", "--now")
    assert "written under" not in desk("up", "-d", *REAL).err


@pytest.mark.long
def test_what_was_left_by_the_same_files_is_not_asked_about(desk: Case) -> None:
    assert desk("up", "-d", *PAPER).status == 0
    desk("stop", "book", "-m", "desk")
    until(lambda: waiting(desk, "desk"))
    desk("down", "desk", "--now")
    put(desk, "topology.yaml", "limit: 3", "limit: 4")  # an edit of another node
    again = desk("up", "-d", *PAPER)
    assert (again.status, "written under" in again.err) == (0, False), again
    desk("down", "desk", "--now")


@pytest.mark.long
def test_who_is_outside_is_seen(desk: Case) -> None:
    assert desk("up", "-d", *REAL[:-1], "rate=4").status == 0

    def links() -> str:
        return next(line for line in desk("ps", "-m", "desk").out.splitlines() if line.startswith("risk "))

    def counted() -> int:
        [found] = [one for one in desk.json("ps", "-m", "desk")["processes"] if one["name"] == "risk"]
        assert found["outside"]["gateway"]["declared"] == 1
        return int(found["outside"]["gateway"]["up"])

    def told() -> list[dict[str, Any]]:
        lines = desk("events", "-m", "desk", "--format", "json").out.splitlines()
        return [each for line in lines if (each := json.loads(line))["event"] == "outside"]

    assert links().endswith("gateway 0/1 outside")
    assert counted() == 0
    until(told)
    address = told()[0]["address"]
    assert f"nobody answers at {address} (edge gateway): risk" in desk("events", "-m", "desk").out
    with zmq.Context() as context, context.socket(zmq.REP) as exchange:
        exchange.bind(address)
        until(counted)
        assert links().endswith("gateway 1/1 outside")
        until(lambda: told()[-1]["up"])
        exchange.close(0)
    assert desk("wait", "--ready", "-m", "desk").status == 0
    desk("down", "desk", "--now")


def test_an_overlay_that_takes_the_others_away_is_told(desk: Case) -> None:
    done = desk("validate", "-f", "topology.yaml", "-f", "watch-replaces-list.yaml")
    for each in ("momentum", "reversion"):
        assert f"nodes.{each}.sockets.ticks" in done.out, done.out
    assert "on no edge" in done.out


def test_a_program_that_still_imports_lacks_no_connection(case: Cases) -> None:
    # At 3 s the links are looked at for the first time.
    done = case("real")("up", "slow.topology.yaml", "--for", "5s")
    assert "has no connection" not in done.text, done.text
    assert done.status == 0


@pytest.mark.long
def test_a_program_that_connects_late_has_a_connection(case: Cases) -> None:
    done = case("real")("up", "slow.topology.yaml", "--for", "12s")
    assert "has no connection" not in done.text, done.text


def test_an_address_that_another_mesh_has_is_named_with_that(case: Cases) -> None:
    of = case("real")
    put(of, "port.topology.yaml", "6001", str(free_ports(1)))
    assert of("up", "-d", "port.topology.yaml", "--name", "porta", "--set", "who=A", "--set", "n=400").status == 0
    refused = of("up", "port.topology.yaml")
    assert (refused.status, refused.out) == (2, "")
    assert "is taken: mesh porta (server) has it" in refused.err
    assert "replies by" not in of("logs", "-m", "porta").out
    assert not Path(of.run, "orchestrator", "portb", "keeper").exists()
    of("down", "porta", "--now")
    mine = of("up", "port.topology.yaml", "--set", "n=3")
    assert mine.status == 0, mine
    assert "{b'B'}" in mine.out


@pytest.mark.long
def test_two_projects_that_want_one_port(case: Cases) -> None:
    of, port = case("port-in-use"), str(free_ports(1))
    for file in ("one.topology.yaml", "two.topology.yaml"):
        put(of, file, "25570", port)
    assert of("up", "one.topology.yaml", "-d").status == 0
    refused = of("up", "two.topology.yaml")
    assert (refused.status, refused.out) == (2, "")
    assert f"tcp://127.0.0.1:{port} is taken: mesh one (pub) has it" in refused.err
    assert of("down", "one").status == 0
    again = of("up", "one.topology.yaml", "-d")
    assert again.status == 0, again
    of("down", "one", "--now")
