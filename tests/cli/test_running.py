from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from orchestrator.control.messages import Message
from orchestrator.plan import model
from orchestrator.plan.build import build
from orchestrator.topology.load import load
from tests.support.waiting import until

from .conftest import Mesh, command, orchestrator


@pytest.fixture
def mesh(home: Path) -> Mesh:
    return Mesh("market", "feed", "bot-0", "bot-1")


def process(name: str, **values: Any) -> dict[str, Any]:
    usual = {"name": name, "node": name.partition("-")[0], "state": "ready", "pid": 7, "generation": 1, "restarts": 0}
    return usual | {"uptime": 5.0, "exit": None, "cpu": 1.0, "memory": 5_000_000, "links": {}} | values


@pytest.fixture
def document(mesh: Mesh) -> dict[str, Any]:
    mesh.answers["ps"] = {
        "version": 1,
        "mesh": "market",
        "files": ["topology.yaml"],
        "state": "up",
        "uptime": 5.0,
        "problem": "",
        "processes": [process(name) for name in ("feed", "bot-0", "bot-1")],
    }
    return mesh.answers["ps"]


def test_ps(mesh: Mesh, document: dict[str, Any]) -> None:
    with mesh.running():
        done = orchestrator("ps")
        assert done.stderr == "market: the only mesh that runs\n"
        assert [line.split()[0] for line in done.stdout.splitlines()] == ["market", "NAME", "feed", "bot"]
        named = orchestrator("ps", "-m", "market", "bot")
        assert [line.split()[0] for line in named.stdout.splitlines()[2:]] == ["bot-0", "bot-1"]
        assert named.stderr == ""


def test_ps_as_json_is_what_the_supervisor_says(mesh: Mesh, document: dict[str, Any]) -> None:
    with mesh.running():
        assert json.loads(orchestrator("ps", "-q", "--format", "json").stdout) == document
        some = json.loads(orchestrator("ps", "-q", "--format", "json", "feed").stdout)
    assert [one["name"] for one in some["processes"]] == ["feed"]


def test_ps_of_a_supervisor_that_refuses(mesh: Mesh) -> None:
    with mesh.running():
        done = orchestrator("ps", "-m", "market")
    assert (done.returncode, done.stderr) == (2, "market: no ps now\n")


def test_ls(mesh: Mesh) -> None:
    Mesh("old")
    with mesh.running():
        listed = re.sub(r"\b\d+ s\b", "0 s", orchestrator("ls").stdout)  # it may have run for more by now
        assert [line.split() for line in listed.splitlines()[1:]] == [["market", "up", "0", "s", "topology.yaml"]]
        assert "old" in orchestrator("ls", "-a").stdout
        assert json.loads(orchestrator("ls", "--format", "json").stdout)[0]["mesh"] == "market"
    none = orchestrator("ls")
    assert (none.returncode, none.stdout, none.stderr) == (0, "", "none runs\n")


def test_ps_again_each_second(mesh: Mesh, document: dict[str, Any]) -> None:
    with mesh.running():
        watching = subprocess.Popen(
            command("ps", "-w", "-m", "market", "--format", "json"), stdout=subprocess.PIPE, text=True
        )
        assert watching.stdout is not None
        assert [json.loads(watching.stdout.readline())["mesh"] for _ in range(2)] == ["market", "market"]
        watching.send_signal(signal.SIGINT)
        assert watching.wait(20) == 0
        watching.stdout.close()


def test_a_screen_is_given_back(mesh: Mesh, document: dict[str, Any]) -> None:
    master, slave = pty.openpty()
    with mesh.running():
        watching = subprocess.Popen(command("ps", "-w", "-m", "market"), stdin=slave, stdout=slave)
        shown = b""
        while b"bot" not in shown:
            shown += os.read(master, 4096)
        os.write(master, b"q")
        assert watching.wait(20) == 0
    shown += os.read(master, 4096)
    assert shown.count(b"\x1b[?1049h") == shown.count(b"\x1b[?1049l") == 1
    os.close(master)
    os.close(slave)


def test_ps_of_a_mesh_that_has_ended(mesh: Mesh) -> None:
    begin = {"event": "begin", "mesh": "market", "processes": 3, "links": 2, "files": [], "run": ""}
    exited = {"event": "exited", "generation": 2, "seconds": 1.0, "attempt": 0, "max_attempts": 5, "delay": 0.0}
    exited |= {"clean": False, "stopping": False}
    failed = {"process": "bot-0", "status": -9, "reason": ["why"], "will": "failed"}
    done = {"process": "feed", "status": 0, "reason": [], "will": "done"}
    ended = {"event": "ended", "status": 1, "state": "failed", "killed": []}
    with mesh.of.events.open("w") as file:
        for number, event in enumerate((begin, exited | failed, exited | done, ended)):
            file.write(json.dumps({"time": time.time() - 100 + number, **event}) + "\n")
    assert orchestrator("ps", "-m", "market").returncode == 2
    listed = orchestrator("ps", "-a", "-m", "market", "feed", "bot").stdout.splitlines()
    assert listed[0].startswith("market  failed 3 s")
    assert listed[2].split()[:2] == ["feed", "done"]
    assert listed[3].endswith("SIGKILL, 1 min ago: why")
    found = json.loads(orchestrator("ps", "-a", "-m", "market", "--format", "json").stdout)
    assert [each["state"] for each in found["processes"]] == ["done", "failed", "unknown"]


TICKS = """
name: market
nodes:
  feed: {python: "feed:main", sockets: {ticks: PUB}}
  bot: {python: "bot:main", replicas: 2, sockets: {ticks: SUB}}
edges: {ticks: {bind: feed.ticks, connect: bot.ticks, transport: tcp}}
"""
FEED = """
import socket, sys
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    kept = [server.accept() for _ in range(2)]
    print("accepted", flush=True)
    sys.stdin.read()
"""
BOT = """
import os, select, socket, sys
bot = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
bot.sendall(sys.argv[2].encode())
while not select.select([sys.stdin], [], [], 0 if "busy" in sys.argv else None)[0]:
    pass
"""


@pytest.fixture
def flowing(mesh: Mesh, document: dict[str, Any]) -> Iterator[None]:
    """Processes of the mesh that are connected, of which bot-0 is busy; each bot has sent something unread."""
    mesh.of.plan.write_bytes(model.dump(build(load(["-"], stdin=TICKS))))
    with ExitStack() as stack:

        def start(program: str, *arguments: str) -> subprocess.Popen[str]:
            started = subprocess.Popen(
                [sys.executable, "-c", program, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            stack.callback(started.communicate)
            return started

        feed = start(FEED)
        assert feed.stdout is not None
        port = feed.stdout.readline().strip()
        pids = [feed.pid, start(BOT, port, "1234567", "busy").pid, start(BOT, port, "89").pid]
        assert feed.stdout.readline() == "accepted\n"
        document["addresses"] = {"feed.ticks": f"tcp://127.0.0.1:{port}"}
        told = {"started": time.monotonic(), "mute": False, "runs": True, "start": "auto", "terminal": False}
        told |= {"since": 1.0, "waits": "", "unstarted": ""}
        document["processes"] = [
            process(name, pid=pid, **told) for name, pid in zip(("feed", "bot-0", "bot-1"), pids, strict=True)
        ]
        yield


@pytest.mark.usefixtures("flowing")
def test_top_shows_who_uses_most_first(mesh: Mesh) -> None:
    with mesh.running():
        done = orchestrator("top", "-m", "market")
        lines = done.stdout.splitlines()
        assert lines[2].split() == ["ticks", "2/2", "tcp", "0", "B", "9", "B"]
        assert [line.split()[0] for line in lines[4:]] == ["NAME", "bot-0", "feed", "bot-1"]
        found = json.loads(orchestrator("top", "-m", "market", "--format", "json").stdout)
    link = {"links": {"up": 2, "declared": 2}, "transport": "tcp", "bytes": 9, "waiting": 9}
    assert found["edges"]["ticks"] == link | {"rate": 0.0}
    assert {request["verb"] for request in mesh.asked} == {"ps"}


def test_logs_are_merged_by_time(mesh: Mesh) -> None:
    mesh.log("feed", 1, "one")
    mesh.log("bot-0", 2, "two")
    mesh.log("feed", 3, "\x1b[2Jthree", "e")
    done = orchestrator("logs", "-m", "market")
    assert done.stdout == "feed  | one\nbot-0 | two\nfeed  | \\x1b[2Jthree\n"
    assert orchestrator("logs", "-m", "market", "bot", "--no-log-prefix").stdout == "two\n"
    assert orchestrator("logs", "-m", "market", "--tail", "1", "-t", "feed").stdout == (
        "feed | 1970-01-01T00:00:03.000000Z \\x1b[2Jthree\n"
    )


def test_logs_since(mesh: Mesh) -> None:
    now = time.time()
    mesh.log("feed", now - 7200, "old")
    mesh.log("feed", now - 60, "new")
    assert orchestrator("logs", "-m", "market", "--since", "1h").stdout == "feed  | new\n"
    assert orchestrator("logs", "-m", "market", "--since", "1h", "--tail", "5").stdout == "feed  | new\n"
    moment = datetime.fromtimestamp(now - 8000, UTC).isoformat()
    assert orchestrator("logs", "-m", "market", "--since", moment).stdout == "feed  | old\nfeed  | new\n"
    wrong = orchestrator("logs", "-m", "market", "--since", "yesterday")
    assert wrong.returncode == 2
    assert "'yesterday' is neither a duration such as 10m" in wrong.stderr


def test_logs_as_json(mesh: Mesh) -> None:
    mesh.log("feed", 1.5, "one \x1b[2J", "e")
    for flag in ("--log-format", "--format"):
        done = orchestrator("logs", "-m", "market", flag, "json")
        assert "\x1b" not in done.stdout
        assert json.loads(done.stdout) == {"time": 1.5, "process": "feed", "stream": "stderr", "text": "one \x1b[2J"}


def test_logs_are_no_commands_of_a_workflow(mesh: Mesh, monkeypatch: pytest.MonkeyPatch) -> None:
    mesh.log("feed", 1, "  ::error::no")
    assert orchestrator("logs", "-m", "market", "--no-log-prefix").stdout == "  ::error::no\n"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert orchestrator("logs", "-m", "market", "--no-log-prefix").stdout == "\\x3a:error::no\n"
    assert orchestrator("logs", "-m", "market").stdout == "feed  |   ::error::no\n"


def test_logs_follow_until_the_mesh_is_gone(mesh: Mesh) -> None:
    mesh.log("feed", 1, "before")
    with mesh.running():
        following = subprocess.Popen(command("logs", "-f", "-m", "market"), stdout=subprocess.PIPE, text=True)
        assert following.stdout is not None
        assert following.stdout.readline() == "feed  | before\n"
        mesh.log("bot-1", 2, "after")
        assert following.stdout.readline() == "bot-1 | after\n"
    assert following.wait(20) == 0


def test_logs_follow_ends_with_an_interrupt(mesh: Mesh) -> None:
    mesh.log("feed", 1, "before")
    with mesh.running():
        following = subprocess.Popen(
            command("logs", "-f", "-m", "market"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert following.stdout is not None
        following.stdout.readline()
        mesh.log("feed", 2, "after")  # once this has come, it is following
        following.stdout.readline()
        following.send_signal(signal.SIGINT)
        _, errors = following.communicate(timeout=20)
    assert (following.returncode, errors) == (0, "")


def test_a_reader_that_has_seen_enough(mesh: Mesh) -> None:
    with open(mesh.of.logs / "feed.log", "w") as file:
        file.writelines(f"{number}.0 o line\n" for number in range(50_000))
    reading = subprocess.Popen(
        command("logs", "-m", "market"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert reading.stdout is not None
    assert reading.stderr is not None
    reading.stdout.readline()
    reading.stdout.close()
    assert reading.stderr.read() == ""
    reading.stderr.close()
    reading.wait(20)


def ending(mesh: Mesh, request: Message) -> None:
    """What a supervisor does after ``down``: it drains, and the keeper leaves."""
    if request["verb"] != "down":
        return
    mesh.event("draining", order=[["feed"], ["bot"]], reason="")
    usual = {"clean": 3, "restarts": 0, "killed": [], "seconds": 0.2, "processes": 3, "replaced": ""}
    nothing = {"lost": [], "messages": 0, "bytes": 0, "kept": 0, "keepers": [], "unknown": {}}
    usual |= {"drained": True, "in_flight": nothing}
    mesh.event("ended", status=0, state="stopped", **usual)
    threading.Timer(0.3, mesh.leave).start()


def test_down_waits_until_the_mesh_is_gone(mesh: Mesh) -> None:
    mesh.answers["down"] = {"order": [["feed"], ["bot"]]}
    mesh.then = lambda request: ending(mesh, request)
    mesh.event("begin", mesh="market", processes=3, links=2, files=[], run="")
    with mesh.running():
        done = orchestrator("down", "market", "--grace", "1m5s")
        assert not Path(mesh.of.supervisor).exists()
    assert mesh.asked == [{"verb": "down", "now": False, "grace": 65.0}]
    assert done.stderr.splitlines() == [
        "stopping: feed, then bot",
        "  drained    3/3  0.20 s, nothing left in flight",
        "market: stopped, 3 clean exits, 0 restarts",
    ]
    assert (done.returncode, done.stdout) == (0, "")


def test_down_does_nothing_when_one_of_the_meshes_does_not_run(mesh: Mesh) -> None:
    with mesh.running():
        done = orchestrator("down", "market", "shop")
    assert (done.returncode, mesh.asked) == (2, [])
    assert done.stderr == "shop is not running; running: market\n"


def test_down_stops_waiting_on_an_interrupt(mesh: Mesh) -> None:
    mesh.answers["down"] = {"order": [["feed"]]}
    with mesh.running():
        going = subprocess.Popen(command("down", "market"), stderr=subprocess.PIPE, text=True)
        until(lambda: mesh.asked)
        mesh.event("draining", order=[["feed"]], reason="")
        assert going.stderr is not None
        assert going.stderr.readline() == "stopping: feed\n"
        going.send_signal(signal.SIGINT)
        assert going.stderr.read() == "not waiting any longer; it goes on stopping\n"
        assert going.wait(20) == 130
