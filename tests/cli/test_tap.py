"""``tap``, ``record`` and ``replay`` on real meshes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.devices.recording import End, Message, read
from tests.support.waiting import until

from .conftest import command, orchestrator

pytestmark = pytest.mark.process

MESH = """\
name: flow
nodes:
  feed: {python: "programs:feed", stop: {grace: 20s}, sockets: {plain: PUB, batched: PUB, kept: PUB}}
  bot:
    python: programs:bot
    replicas: 2
    sockets:
      plain: {type: SUB, subscribe: ""}
      orders: PUSH
      talk: PUSH
  late: {python: "programs:late", sockets: {kept: {type: SUB, subscribe: ""}}}
  other: {python: "programs:other", sockets: {batched: {type: SUB, subscribe: ""}}}
  book: {python: "programs:book", sockets: {orders: PULL, talk: PULL}}
edges:
  plain: {bind: feed.plain, connect: bot.plain}
  batched: {bind: feed.batched, connect: other.batched, batch: {}}
  kept: {bind: feed.kept, connect: late.kept, delivery: replay}
  orders: {bind: book.orders, connect: bot.orders, delivery: durable}
  talk: {bind: book.talk, connect: bot.talk}
"""
PROGRAMS = """\
import zmq

def feed(node):
    plain, batched, kept = map(node.socket, ("plain", "batched", "kept"))
    number = 0
    while not node.stopping.wait(0.002):
        body = b"%d" % number
        plain.send_multipart([b"topic", body])
        batched.send(body, b"topic")
        kept.send(body, b"topic")
        number += 1
    print("sent", number, flush=True)

def bot(node):
    orders = node.socket("orders")
    seen = 0
    for topic, body in node.multipart("plain"):
        orders.send(node.process.encode() + b" " + body)
        seen += 1
    print("seen", seen, flush=True)

def late(node):
    for topic, body in node.messages("kept"):
        pass

def other(node):
    for topic, body in node.multipart("batched"):
        pass

def book(node):
    print("took", sum(1 for _ in node.messages("orders")), flush=True)
"""


@pytest.fixture
def mesh(home: Path) -> Iterator[str]:
    Path("topology.yaml").write_text(MESH)
    Path("programs.py").write_text(PROGRAMS)
    done = orchestrator("up", "-d")
    assert done.returncode == 0, done.stderr
    yield "flow"
    orchestrator("down", "--now")


def printed(word: str) -> dict[str, int]:
    """Give what the processes have printed: who, and the number behind a word."""
    lines = (json.loads(line) for line in orchestrator("logs", "--format", "json").stdout.splitlines())
    return {line["process"]: int(line["text"].split()[1]) for line in lines if line["text"].startswith(word)}


def drained() -> str:
    """Drain the mesh, and give what was said."""
    done = orchestrator("down")
    assert "kill" not in done.stderr
    assert "6/6" in done.stderr
    return done.stderr


def lines(done: subprocess.CompletedProcess[str]) -> list[list[str]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line)["parts"] for line in done.stdout.splitlines()]


def test_a_tap_shows_what_flows(mesh: str) -> None:
    for edge in ("plain", "batched", "kept"):
        found = lines(orchestrator("tap", edge, "-n", "30", "--format", "json"))
        first = int(found[0][1])
        assert found == [["topic", str(first + number)] for number in range(30)]
    # Of a durable edge it shows what its senders accept.
    found = [body.split() for (body,) in lines(orchestrator("tap", "orders", "-n", "30", "--format", "json"))]
    assert {process for process, _ in found} <= {"bot-0", "bot-1"}
    for name in {process for process, _ in found}:  # on a busy machine one of them may come later
        numbers = [int(number) for process, number in found if process == name]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))

    done = orchestrator("tap", "plain", "-n", "1", "--topic", "topic", "-t")
    time, socket, text = done.stdout.strip().split(maxsplit=2)
    assert (time[-1], socket, text.split(" | ")[0]) == ("Z", "feed.plain", "topic")
    assert done.stderr == "flow: listening to feed.plain\n"


def test_what_cannot_be_heard_or_written_or_replayed_is_said(mesh: str) -> None:
    for arguments, why in (
        (("talk",), "flow: talk: each message goes to one PULL, and a listener would take it away; "),
        (("plane",), "no edge plane; did you mean plain?"),
        (("orders", "--topic", "x"), "--topic: the messages of a durable edge have none"),
        (("plain", "-m", "other"), "other is not running; "),
    ):
        done = orchestrator("tap", *arguments)
        assert done.returncode == 2
        assert done.stderr.startswith(why)
        assert done.stderr.count("\n") == 1

    Path("mine").write_text("mine")
    done = orchestrator("record", "plain", "-o", "mine", "--for", "100ms")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, "mine: File exists; nothing is written over")
    assert Path("mine").read_text() == "mine"

    sent = [{"time": 1, "socket": socket, "parts": ["x"]} for socket in ("feed.plain", "bot-0.orders")]
    Path("two.jsonl").write_text("\n".join(map(json.dumps, [{"recording": 1}, *sent])) + "\n")
    for arguments, why in (
        (("none.jsonl",), "none.jsonl: No such file or directory"),
        (("topology.yaml",), "topology.yaml:1: no line of a recording: "),
        (("two.jsonl",), "two.jsonl: feed, bot-0 had sent; name one of them"),
        (("two.jsonl", "book"), "two.jsonl: book had sent nothing; feed, bot-0 had"),
        (("two.jsonl", "feed"), "feed is ready; --yes stops it first"),
    ):
        done = orchestrator("replay", *arguments, stdin=subprocess.DEVNULL)
        assert done.returncode == 2
        assert done.stderr.splitlines()[-1].startswith(why)


@pytest.mark.long  # the feed waits out its grace for it
def test_a_listener_that_nobody_reads_disturbs_nobody(mesh: str) -> None:
    reading, writing = os.pipe()
    tap = subprocess.Popen(command("tap", "plain", "batched", "kept", "--format", "json"), stdout=writing)
    os.close(writing)
    os.read(reading, 1)
    before = printed_messages()
    until(lambda: printed_messages() > before + 500)
    os.kill(tap.pid, signal.SIGTSTP)  # as Ctrl-Z
    done = drained()
    assert not re.search("lost: [^;]*feed", done)
    os.close(reading)
    tap.wait(20)
    assert set(printed("seen").values()) == set(printed("sent").values())
    assert sum(printed("took").values()) == 2 * sum(printed("sent").values())


def printed_messages() -> int:
    """Give the bodies that are accepted so far, by the number of one that passes now."""
    return int(lines(orchestrator("tap", "plain", "-n", "1", "--format", "json"))[0][1])


def recorded(path: Path) -> tuple[list[Message], End]:
    *messages, end = read(path)
    assert isinstance(end, End)
    return [each for each in messages if isinstance(each, Message)], end


def test_a_recording_has_all_until_the_mesh_ends(mesh: str) -> None:
    record = subprocess.Popen(command("record", "plain", "kept", "orders", "-o", "r.jsonl", "-q"))
    until(lambda: Path("r.jsonl").exists() and Path("r.jsonl").read_text().count("\n") > 100)
    drained()
    assert record.wait(20) == 0
    messages, end = recorded(Path("r.jsonl"))
    assert end == End(len(messages), ())
    last = printed("sent")["feed"] - 1
    for socket in ("feed.plain", "feed.kept", "bot-0.orders", "bot-1.orders"):
        numbers = [int(each.parts[-1].split()[-1]) for each in messages if each.socket == socket]
        assert numbers == list(range(numbers[0], last + 1))


def test_a_recording_that_lacks_something_says_so(mesh: str) -> None:
    record = subprocess.Popen(command("record", "plain", "-o", "r.jsonl"), stderr=subprocess.PIPE, text=True)
    until(lambda: Path("r.jsonl").exists() and Path("r.jsonl").read_text().count("\n") > 100)
    assert orchestrator("restart", "feed").returncode == 0
    size = Path("r.jsonl").stat().st_size
    until(lambda: Path("r.jsonl").stat().st_size > size + 9_999)
    record.send_signal(signal.SIGINT)
    _, told = record.communicate(timeout=20)
    assert record.returncode == 1
    lost = "feed.plain started anew: what it sent at once may be missing"
    assert told.splitlines()[-1].endswith(f"messages; {lost}")
    assert recorded(Path("r.jsonl"))[1].lost == (lost,)


def test_a_recording_is_sent_in_the_place_of_who_sent_it(mesh: str) -> None:
    edges = ["plain", "batched", "kept"]
    assert orchestrator("record", *edges, "-o", "r.jsonl", "--for", "500ms").returncode == 0
    messages, _ = recorded(Path("r.jsonl"))
    orchestrator("stop", "feed")
    tap = subprocess.Popen(command("record", *edges, "-o", "again.jsonl"), stderr=subprocess.DEVNULL)
    until(Path("again.jsonl").exists)
    done = orchestrator("replay", "r.jsonl", "--speed", "2", "-q")
    assert (done.returncode, done.stdout) == (0, f"{len(messages)} messages are out\n"), done.stderr
    orchestrator("down")
    tap.wait(20)
    again, _ = recorded(Path("again.jsonl"))
    for socket in ("feed.plain", "feed.batched", "feed.kept"):
        assert [each.parts for each in again if each.socket == socket][-50:] == [
            each.parts for each in messages if each.socket == socket
        ][-50:]
