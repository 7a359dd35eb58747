"""Market, pipeline and rpc by the command of their README: what they say, and that they end well."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest

from tests.topologies.programs import TOPOLOGIES, rows
from tests.topologies.running import Machine, Said, ended_well, finish, wait

pytestmark = [pytest.mark.example, pytest.mark.process]


def test_market(machine: Machine) -> None:
    said = machine.readme("market")
    ended_well(said, machine)
    check_market(said, bots=24)


@pytest.mark.long
def test_market_at_full_speed_twice(machine: Machine) -> None:
    for _ in range(2):  # The second is a fresh run: it does not go on where the first ended.
        said = machine.up("topologies/market/topology.yaml", "--set", "rate=0", "--set", "bots=4")
        ended_well(said, machine)
        check_market(said, bots=4)


def test_killed_feed_goes_on_after_its_last_price(machine: Machine) -> None:
    arguments = ("topologies/market/topology.yaml", "--set", "rate=2000", "--set", "bots=3")
    with machine.start("up", *arguments) as process:
        wait(process, lambda: published(machine) > 1000)
        os.kill(machine.processes()["feed"]["pid"], signal.SIGKILL)
        said = finish(process, 60)
    ended_well(said, machine)
    first, again, last = said.by("feed")
    total = sum(rows().values())
    assert first == f"{total} prices, from number 0"
    number = int(again.removeprefix(f"{total} prices, from number "))
    assert 1000 < number < total
    assert last.startswith("the last price is out after ")
    received = rows()["AAPL"] + rows()["MSFT"]
    for line in said.by("book"):
        if line.startswith("bot-"):
            ticks = int(line.split()[1])
            # What ZeroMQ had not yet written died with the feed: at this rate a few ticks at most.
            assert received - 20 <= ticks <= received


def published(machine: Machine) -> int:
    mark = machine.run / "orchestrator" / "market" / "processes" / "feed" / "bookmark"
    return int.from_bytes(mark.read_bytes(), "little") if mark.exists() else 0


def check_market(said: Said, bots: int) -> None:
    names = {f"bot-{number}" for number in range(bots)}
    feed, book = said.by("feed"), said.by("book")
    assert feed[0] == f"{sum(rows().values())} prices, from number 0"
    assert feed[-1].startswith("the last price is out after ")
    for name in names:
        assert set(said.by(name)) == {"first tick AAPL 4.1867", "first tick MSFT 30.2257"}

    table = {line.split()[0]: line.split()[1:] for line in book if line.startswith("bot-")}
    assert set(table) == names
    for name, (ticks, apple, microsoft, orders, fills, profit) in table.items():
        assert (int(apple), int(microsoft)) == (rows()["AAPL"], rows()["MSFT"])
        assert int(ticks) == int(apple) + int(microsoft)
        assert int(orders) == int(fills) == sum(f" {name} " in line for line in book if " at " in line) > 0
        assert float(profit) > 0
    received = rows()["AAPL"] + rows()["MSFT"]
    assert re.fullmatch(rf"delay, feed to bot: p50 .* p99 .* \({received * bots} ticks received\)", book[-2])
    assert re.fullmatch(rf"spread, first bot to last: p50 .* \({received} ticks that several bots received\)", book[-1])


def test_pipeline(machine: Machine) -> None:
    said = machine.readme("pipeline")
    ended_well(said, machine)
    assert said.by("ventilator") == ["10000 tasks are out"]
    assert said.by("sink") == [
        *(f"worker-{number} 2500 results" for number in range(4)),
        "10000 of 10000 results; the longest way to 1 has 261 steps, from 6171",
    ]


def test_rpc(machine: Machine) -> None:
    said = machine.readme("rpc")
    ended_well(said, machine)
    for number in range(4):
        assert [line.partition(";")[0] for line in said.by(f"client-{number}")] == ["1000 of 1000 answers, all right"]
    answered = [line.split() for number in range(3) for line in said.by(f"worker-{number}")]
    assert [line[0] for line in answered] == ["answered"] * 3
    assert sum(int(line[1]) for line in answered) == 4000


@pytest.mark.long
def test_market_stopped_early_has_filled_every_order(machine: Machine) -> None:
    with machine.start("up", "topologies/market/topology.yaml", "--set", "rate=2000") as process:
        wait(process, lambda: published(machine) > 2000)
        machine.down("market")
        said = finish(process, 60)
    ended_well(said, machine)
    table = [line.split() for line in said.by("book") if line.startswith("bot-")]
    assert len(table) == 24
    assert len({ticks for _, ticks, *_ in table}) == 1  # All bots received the same ticks, up to the last one.
    assert 0 < int(table[0][1]) < rows()["AAPL"] + rows()["MSFT"]
    assert all(int(orders) == int(fills) > 0 for *_, orders, fills, _ in table)


@pytest.mark.long
def test_rpc_stopped_early_has_answered_every_question(machine: Machine) -> None:
    with machine.start("up", "topologies/rpc/topology.yaml", "--set", "requests=1000000") as process:
        wait(process, lambda: {each["state"] for each in machine.processes().values()} == {"ready"})
        machine.down("rpc")
        said = finish(process, 60)
    ended_well(said, machine)
    asked = [int(said.by(f"client-{number}")[-1].split()[0]) for number in range(4)]
    answered = [int(said.by(f"worker-{number}")[-1].split()[1]) for number in range(3)]
    assert sum(asked) == sum(answered)
    assert 0 < min(asked) <= max(asked) < 1000000


def test_wrong_answer_ends_with_status_1(machine: Machine, tmp_path: Path) -> None:
    for file in (TOPOLOGIES / "rpc").iterdir():
        if file.is_file():
            (tmp_path / file.name).write_text(file.read_text().replace("yield divisor", "yield divisor + 1"))
    said = machine.up(str(tmp_path / "topology.yaml"))
    assert said.status == 1
    assert "ValueError: 4 is not the product of" in said.progress + "\n".join(text for _, text in said.lines)
    assert machine.meshes() == []
