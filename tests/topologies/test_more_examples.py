"""The other topologies, each as its README runs it or a little smaller: what they say, and that they end well."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zmq

from tests.support.building import MODULES, compiled, node
from tests.topologies.programs import TOPOLOGIES
from tests.topologies.running import COMMAND, Machine, Said, ended_well, finish, free_ports, wait

pytestmark = [pytest.mark.example, pytest.mark.process]


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


def test_ring(machine: Machine) -> None:
    said = machine.readme("ring")
    ended_well(said, machine)
    for member in range(5):
        assert said.by(f"member-{member}")[-1] == "held the token 100 times"
        assert ("100 rounds are over" in said.by(f"member-{member}")) == (member != 0)


def test_tree(machine: Machine) -> None:
    said = machine.readme("tree", "--set", "size=15", "--set", "arity=2")
    ended_well(said, machine)
    assert said.lines == [("city", "105 in all, from 15 of 15 meters, through 4 levels")]


def test_shards(machine: Machine) -> None:
    said = machine.readme("shards")
    ended_well(said, machine)
    words = re.findall("[a-z]+", (TOPOLOGIES / "shards" / "words.txt").read_text().lower())
    kept = {f"{first}-{last}": sum(first <= word[0] <= last for word in words) for first, last in ("ah", "ip", "qz")}
    for shard, count in kept.items():
        assert said.by(f"reader-{shard}") == [f"{count} words from {shard[0]} to {shard[2]}"]
    assert said.by("merger-north") == ["merges a-h and q-z"]
    assert said.by("merger-south") == ["merges i-p"]
    assert said.by("backup-disk") == [f"on disk: a-h ({kept['a-h']} words), q-z ({kept['q-z']} words)"]
    assert said.by("backup-tape") == [f"on tape: i-p ({kept['i-p']} words), q-z ({kept['q-z']} words)"]
    (report,) = said.by("report")
    assert report.startswith(f"{len(words)} words, {len(set(words))} different; to {words.count('to')}, ")


def test_judge_finds_for_the_service(machine: Machine) -> None:
    said = machine.readme("judge")
    ended_well(said, machine)
    assert said.by("judge")[0].startswith("900 of 900 requests, 0 wrong; ")
    assert said.by("judge")[1:] == ["the service passes"]


def test_judge_finds_against_the_service_under_another_python(machine: Machine) -> None:
    files = (f"topologies/judge/{name}.yaml" for name in ("topology", "other-python"))
    said = machine.up(*(word for file in files for word in ("-f", file)), *sets(wrong=10, python=sys.executable))
    assert said.status == 3
    *wrong, total, verdict = said.by("judge")
    assert len(wrong) == 5
    assert re.fullmatch(r"wrong: get load-\d/\d+: \d+\?, not \d+", wrong[0])
    assert numbers(total)[2] >= 5
    assert verdict == "the service fails"


def test_robot(machine: Machine) -> None:
    said = machine.readme("robot", *sets(goal=0.3))
    ended_well(said, machine)
    assert "6/6" in said.progress  # teleop, started by hand, is not waited for
    assert re.fullmatch(r"arrived at 0\.\d\d m, the goal was 0\.30 m", said.by("planner")[-1])
    (motors,) = said.by("motors")
    assert 0.1 < float(motors.split()[-2]) < 0.5
    assert [line.split()[0] for line in said.by("blackbox")] == ["pose"] * 3


@pytest.mark.long
def test_robot_driven_by_hand(machine: Machine) -> None:
    log = machine.state / "orchestrator" / "robot" / "logs" / "planner.log"
    with machine.start("up", "topologies/robot/topology.yaml", *sets(goal=1000)) as process:
        wait(process, lambda: machine.processes().get("planner", {}).get("state") == "ready")
        driven = subprocess.run(
            [*COMMAND, "run", "-m", "robot", "teleop"],
            cwd=machine.state, env=machine.environment, input="0.25\n", text=True,
        )  # fmt: skip
        wait(process, log.exists)
        wait(process, lambda: "a person says" in log.read_text())
        machine.down("robot")
        said = finish(process, 60)
    assert driven.returncode == 0
    ended_well(said, machine)
    assert re.fullmatch(r"at \d+\.\d\d m a person says 0\.25 m/s", said.by("planner")[0])


def test_cameras(machine: Machine, tmp_path: Path) -> None:
    first = free_ports(6)
    given = sets(seconds=3600, folder=tmp_path, ports=f"{first}-{first + 5}")
    names = ["door", "gate", "hall", "yard", "roof", "meadow"]
    with machine.start("up", "topologies/cameras/topology.yaml", "--profile", "night", *given) as process:
        with zmq.Context() as context:
            controls = [control(context, port) for port in range(first, first + 6)]
            for each in controls:
                while ask(each, "sent") < 5:
                    assert process.poll() is None
            frames = {name: ask(each, "end") for name, each in zip(names, controls, strict=True)}
            for each in controls:
                each.close(linger=0)
        said = finish(process, 60)
    ended_well(said, machine)

    for name, count in frames.items():
        assert (tmp_path / f"{name}.pgm").read_bytes().count(b"P5 64 48 255\n") == count  # the first frame included
        assert (tmp_path / f"{name}.pgm").stat().st_size == count * (len("P5 64 48 255\n") + 64 * 48)
    assert len(said.by("recorder")) == 1  # no frame is missing
    last = ", ".join(f"{name} {count - 1}" for name, count in sorted(frames.items()))
    for screen in ("viewer-0", "viewer-1"):
        assert said.by(screen)[-1].endswith(f"the last ones {last}")
    assert said.by("phone") == ["watched door, gate"]
    made, seen = numbers(said.by("overview")[-1])
    assert 0 < made <= frames["door"] + frames["gate"]
    assert made < seen <= sum(frames.values())


def control(context: zmq.Context[zmq.Socket[bytes]], port: int) -> zmq.Socket[bytes]:
    socket = context.socket(zmq.REQ)
    socket.rcvtimeo = 30_000
    socket.connect(f"tcp://127.0.0.1:{port}")
    return socket


def ask(socket: zmq.Socket[bytes], what: str) -> int:
    socket.send_string(what)
    return int(socket.recv())


def test_inference(machine: Machine) -> None:
    said = machine.readme("inference", "--profile", "cpu", *sets(requests=50))
    ended_well(said, machine)
    assert said.by("worker-0")[0] == "loads the model on GPU 0"
    assert said.by("worker-1")[0] == "loads the model on GPU 1"
    assert said.by("spare")[0] == "loads the model on the CPU"
    for client in range(3):
        (line,) = said.by(f"client-{client}")
        assert line.startswith("50 answers, 50 right; ")
        assert sum(numbers(share)[0] for share in line.partition("; ")[2].split(", ")) == 50
    assert sum(int(line.split()[2]) for line in said.by("front")) == 150


def test_trading_with_an_exchange_of_others(machine: Machine) -> None:
    first = free_ports(2)
    with exchange(machine, first):
        said = machine.up("topologies/trading/topology.yaml", *sets(prices_port=first, orders_port=first + 1))
    ended_well(said, machine)
    check_trading(said, ["momentum-0", "momentum-1", "momentum-2", "reversion"])
    assert said.by("exchange") == []
    assert "invented" not in said.progress + str(said.lines)  # the key


@contextmanager
def exchange(machine: Machine, first: int) -> Iterator[None]:
    """Run the stand-in for an exchange, as its documentation says."""
    program = TOPOLOGIES / "trading" / "exchange.py"
    key = re.search("EXCHANGE_KEY=(.*)", (TOPOLOGIES / "trading" / "example.env").read_text())
    assert key is not None
    with subprocess.Popen(
        [sys.executable, program, "--prices", f"tcp://127.0.0.1:{first}", "--orders", f"tcp://127.0.0.1:{first + 1}"],
        env=machine.environment | {"EXCHANGE_KEY": key[1]},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield
        assert process.poll() is None
        process.terminate()


def test_trading_in_development(machine: Machine) -> None:
    said = machine.readme("trading")
    ended_well(said, machine)
    filled = check_trading(said, ["momentum-0", "reversion"])
    assert said.by("exchange") == [f"{filled} orders filled"]


def check_trading(said: Said, strategies: list[str]) -> int:
    orders, fills = zip(*(numbers(said.by(name)[-1])[:2] for name in strategies), strict=True)
    filled, refused, most, limit = numbers(said.by("risk")[-1])
    assert filled == sum(fills) > 0
    assert filled + refused == sum(orders)
    assert most <= limit == 3
    return filled


def test_polyglot(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node()
    monkeypatch.setenv("NODE_PATH", str(MODULES))
    port = free_ports(1)
    sieve = compiled(TOPOLOGIES / "polyglot" / "sieve.c", tmp_path)
    given = sets(port=port, sieve=sieve, python=sys.executable)
    with machine.start("up", "topologies/polyglot/topology.yaml", *given) as process:
        wait(process, lambda: page(port) == "page of polyglot, so far 1000 of 1000 numbers, 168 primes\n")
        wait(process, lambda: machine.processes()["asker"]["state"] == "done")
        machine.down("polyglot")
        said = finish(process, 60)
    ended_well(said, machine)
    assert said.by("source") == ["sent 1000 numbers to 2 addresses"]
    assert said.by("sieve-0") + said.by("sieve-1") == ["sieve-0 sieves", "sieve-1 sieves"]
    assert said.by("tally") == ["tally waits for 1000 numbers"]
    assert said.by("asker") == ["count: 1000", "primes: 168", "largest: 997"]


def page(port: int) -> str:
    """Read the page; empty while it is not there."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
            return str(answer.read(), "utf-8")
    except OSError:
        return ""


def sets(**values: object) -> list[str]:
    return [word for name, value in values.items() for word in ("--set", f"{name}={value}")]


@pytest.mark.long
def test_orders(machine: Machine) -> None:
    said = machine.readme("orders")
    assert said.status == 0
    # A book that was killed may have left a fill that comes after its successor's.
    lines = [line for line in said.by("audit") if "dropped a message" not in line]
    for number in range(3):
        assert re.fullmatch(rf"shop-{number} 2000 orders, 0 missing, \d+ twice", lines[number])
    filled = [int(line.split()[-1]) for line in lines[3:]]
    twice = sum(int(line.split()[-2]) for line in lines[:3])
    assert sum(filled) == 6000 + twice
    deaths = said.progress.count("killed by SIGKILL") + sum("killed by SIGKILL" in text for _, text in said.lines)
    assert twice <= deaths
    assert machine.meshes() == []


@pytest.mark.long
def test_late_bot(machine: Machine) -> None:
    for _ in range(2):  # The second run has the prices of the first one before its own.
        said = machine.readme("late-bot")
        ended_well(said, machine)
        wanted = said.by("early-0")
        assert [line.split(",")[0] for line in wanted] == ["AAPL 3270 prices", "MSFT 3270 prices"]
        for name in ("early-1", "early-2", "late"):
            assert said.by(name) == wanted
        assert said.by("clock") == ["2 s are over"]


def test_devices(machine: Machine, tmp_path: Path) -> None:
    into = f"recording={tmp_path}/"
    said = machine.up("topologies/devices/topology.yaml", "--set", into)
    ended_well(said, machine)
    for number in range(2):
        assert said.by(f"bot-{number}") == ["AAPL 300 ticks, the last 897"]
    assert [line.split()[0] for line in said.by("board")] == ["AAPL", "IBM", "MSFT"]
    assert [line.split()[-1] for line in said.by("board")] == ["897", "898", "899"]
    assert sum(int(line.split()[0]) for number in range(3) for line in said.by(f"worker-{number}")) == 9
    assert said.by("recorder")[-1] == "900 messages"
    again = machine.up("topologies/devices/replay.yaml", "--set", into)
    ended_well(again, machine)
    assert again.by("replayer") == ["900 messages are out"]
    assert again.by("bot") == ["AAPL 300 ticks, the last 897"]
