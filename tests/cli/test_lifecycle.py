"""``stop``, ``start``, ``restart`` and ``kill`` on a running mesh."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.client import connection, meshes
from orchestrator.client.status import status
from orchestrator.contract import folders
from orchestrator.control.verbs import Info
from tests.support.waiting import until

from .conftest import command, drains, orchestrator

pytestmark = pytest.mark.process

MESH = """\
name: acting
nodes:
  feed: {python: "programs:feed", restart: {policy: always, delay: 20ms}, sockets: {out: PUSH}}
  sink: {python: "programs:sink", sockets: {in: PULL}}
  deaf: {python: "programs:deaf", start: manual, stop: {grace: 200ms}}
  odd: {python: "programs:odd", start: manual, restart: never}
edges:
  line: {bind: sink.in, connect: feed.out}
"""
PROGRAMS = """\
import os, signal, sys, time

def feed(node):
    out, number, who = node.socket("out"), 0, os.getpid()
    signal.signal(signal.SIGUSR1, lambda *_: print("heard USR1", flush=True))
    while not node.stopping:
        out.send(b"%d" % who)
        number += 1
        if not number % 100:
            node.stopping.wait(0.001)
    out.send(b"%d last %d" % (who, number))
    print("sent", number, flush=True)

def sink(node):
    got = {}
    for message in node.messages("in"):
        who, _, last = message.partition(b" last ")
        if last:
            print("feed", who.decode(), "missing", int(last) - got[who], flush=True)
        got[who] = got.get(who, 0) + 1
    print("dry", flush=True)

def deaf(node):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(0.1)

def odd(node):
    if os.path.exists("broken"):
        sys.exit("it is broken")
    node.stopping.wait()
"""


@pytest.fixture
def mesh(home: Path) -> Iterator[Path]:
    """A mesh that runs; nothing is left of it after the test."""
    Path("topology.yaml").write_text(MESH)
    Path("programs.py").write_text(PROGRAMS)
    done = orchestrator("up", "-d", "--wait-timeout", "30s")
    assert done.returncode == 0, done.stderr
    yield home
    if meshes.running():
        orchestrator("down", "--now", "acting")
    until(lambda: not meshes.running())


def ps() -> dict[str, dict[str, Any]]:
    try:
        document = status(folders.of("acting"))
    except connection.Unreachable:
        return {}
    return {one["name"]: one for one in document["processes"]}


def state(name: str) -> str:
    return str(ps().get(name, {}).get("state"))


def up(name: str, edge: str) -> bool:
    link = ps()[name]["links"][edge]
    return bool(link["up"] == link["declared"])


def log(name: str) -> str:
    return (folders.of("acting").logs / f"{name}.log").read_text()


def told(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Give what a command said, without the times."""
    return [re.sub(r"; \d+\.\d\d s$", "", line) for line in done.stderr.splitlines()]


def arrived(feed: int) -> list[str]:
    """Give what of the last message of a feed has arrived: how many before it are missing."""
    return re.findall(rf"feed {feed} missing (-?\d+)", log("sink"))


def test_who_is_stopped_stays_so_until_it_is_started(mesh: Path) -> None:
    first = ps()["feed"]["pid"]
    done = orchestrator("stop", "feed")
    assert (done.returncode, done.stdout, told(done)) == (0, "", ["feed: stopped"])
    until(lambda: arrived(first))
    assert arrived(first) == ["0"]
    again = orchestrator("stop", "feed")
    assert (again.returncode, told(again)) == (0, ["feed: stopped"])
    assert (state("feed"), ps()["feed"]["generation"], ps()["feed"]["restarts"]) == ("stopped", 1, 0)

    done = orchestrator("start", "feed", "--format", "json")
    assert (done.returncode, told(done)) == (0, ["feed: ready"])
    (process,) = json.loads(done.stdout)["processes"]
    assert process | {"name": "feed", "state": "ready", "generation": 2} == process
    until(lambda: up("feed", "line"))
    assert state("sink") == "ready"


def test_all_that_was_sent_is_read_when_both_ends_restart(mesh: Path) -> None:
    before = {name: one["pid"] for name, one in ps().items()}
    done = orchestrator("restart", "sink", "feed")
    assert (done.returncode, told(done)) == (0, ["feed: ready", "sink: ready"])
    assert arrived(before["feed"]) == ["0"]
    assert "dry" in log("sink")
    now = {name: one["pid"] for name, one in ps().items()}
    assert now["feed"] != before["feed"]
    assert now["sink"] != before["sink"]
    until(lambda: up("feed", "line"))


def test_a_signal_is_passed_on_and_the_last_message_of_who_is_killed_does_not_arrive(mesh: Path) -> None:
    first = ps()["feed"]["pid"]
    for name in ("USR1", "SIGUSR1", str(int(signal.SIGUSR1))):
        assert orchestrator("kill", "-s", name, "feed").returncode == 0
    until(lambda: log("feed").count("heard USR1") == 3)
    assert ps()["feed"]["generation"] == 1
    done = orchestrator("kill", "feed")
    assert (done.returncode, done.stderr) == (0, "")
    until(lambda: (state("feed"), ps()["feed"]["generation"]) == ("ready", 2))
    second = ps()["feed"]["pid"]
    assert ps()["feed"]["restarts"] == 1
    assert orchestrator("stop", "feed").returncode == 0
    until(lambda: arrived(second))
    assert arrived(first) == []


def test_who_does_not_stop_in_time_is_killed_and_named(mesh: Path) -> None:
    assert orchestrator("start", "deaf").returncode == 0
    done = orchestrator("stop", "deaf")
    assert (done.returncode, told(done)) == (1, ["deaf: killed, since it did not stop in time"])
    assert state("deaf") == "failed"


def test_one_that_is_started_by_hand_is_started_and_fails(mesh: Path) -> None:
    done = orchestrator("start", "odd")
    assert (done.returncode, told(done)) == (0, ["odd: ready"])
    Path("broken").touch()
    done = orchestrator("restart", "odd", "--format", "json")
    assert json.loads(done.stdout)["processes"][0]["state"] in ("ready", "failed")  # it has been ready for a moment
    until(lambda: state("odd") == "failed")
    Path("broken").unlink()
    assert orchestrator("start", "odd").returncode == 0
    assert state("odd") == "ready"


@pytest.mark.long
def test_rolling_goes_from_one_to_the_next(mesh: Path) -> None:
    done = orchestrator("restart", "--rolling", "sink", "feed")
    assert (done.returncode, told(done)) == (0, ["feed: ready", "sink: ready"])
    assert [ps()[name]["generation"] for name in ("feed", "sink")] == [2, 2]


def test_a_supervisor_that_dies_meanwhile_is_followed_by_one_that_goes_on(mesh: Path) -> None:
    feed = ps()["feed"]["pid"]
    os.kill(feed, signal.SIGSTOP)
    going = subprocess.Popen(command("restart", "feed", "sink"), stderr=subprocess.PIPE, text=True)
    until(lambda: drains("acting", "feed"))
    os.kill(connection.ask(folders.of("acting").supervisor, Info())["pid"], signal.SIGKILL)
    until(lambda: state("feed") in ("draining", "suspended"))  # it answers
    os.kill(feed, signal.SIGCONT)
    notes = going.communicate(timeout=30)[1]
    assert (going.returncode, notes.splitlines()[0]) == (0, "feed: ready")
    assert [ps()[name]["generation"] for name in ("feed", "sink")] == [2, 2]
    assert arrived(feed) == ["0"]


def test_all_are_stopped_the_mesh_stays_and_all_start(mesh: Path) -> None:
    assert orchestrator("stop", "*").returncode == 0
    assert {one["state"] for one in ps().values()} == {"stopped"}
    done = orchestrator("start", "feed", "sink")
    assert (done.returncode, told(done)) == (0, ["feed: ready", "sink: ready"])
    down = orchestrator("down", "acting")
    assert down.returncode == 0
    assert "nothing left in flight" in down.stderr


def test_what_cannot_be_done_is_said(mesh: Path) -> None:
    for arguments, text in {
        ("stop", "nobody"): "no process nobody; nodes: feed, sink, deaf, odd",
        ("kill", "odd"): "acting: odd: nothing runs that a signal could go to",
        ("stop", "-m", "shop", "feed"): "shop is not running; running: acting",
    }.items():
        done = orchestrator(*arguments)
        assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{text}\n")
