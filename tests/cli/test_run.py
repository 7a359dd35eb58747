"""Processes in terminals: ``start: manual``, ``run``, ``env``."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.client import connection, meshes
from orchestrator.client.status import status
from orchestrator.contract import exits, folders
from orchestrator.control.verbs import Info
from tests.support.waiting import until

from .conftest import command, drains, orchestrator

pytestmark = pytest.mark.process

MESH = """\
name: hand
nodes:
  feed: {python: "programs:feed", sockets: {out: PUB}}
  work: {python: "programs:work", restart: always, sockets: {in: {type: SUB, subscribe: ""}, out: PUSH}}
  sink: {python: "programs:sink", start: manual, env: {WORD: from the file}, env_file: vars.env, sockets: {in: PULL}}
edges:
  ticks: {bind: feed.out, connect: work.in}
  out: {bind: sink.in, connect: work.out}
"""
PROGRAMS = """\
import os, sys

def feed(node):
    number = 0
    while not node.stopping.wait(0.01):
        node.socket("out").send(b"%d" % number)
        number += 1

def work(node):
    for message in node.messages("in"):
        node.socket("out").send(message)
    print("drained", flush=True)

def sink(node):
    print("sink", os.getpid(), os.environ["WORD"], os.environ["SECRET"], os.getcwd(), flush=True)
    for number, message in enumerate(node.messages("in")):
        if not number:
            print("first", flush=True)
    print("drained", flush=True)
    sys.exit(7)
"""
SCRIPT = """\
from orchestrator.node import Node

with Node.from_environment() as node:
    for number, message in enumerate(node.messages("in")):
        if not number:
            print("script got", node.process, flush=True)
    print("script drained", flush=True)
"""

Run = Callable[..., "Terminal"]


class Terminal:
    """A command in a pseudo terminal that is its own (pty(7), ioctl_tty(2))."""

    def __init__(self, *arguments: str) -> None:
        pid, self.master = pty.fork()
        if not pid:
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)  # as a terminal's shell does; whoever runs the tests may not
            os.execvp(sys.executable, command(*arguments))
        self.pid, self.text, self.status = pid, "", None

    def see(self, *texts: str, within: float = 15.0) -> str:
        """Wait until all of this has been printed."""
        deadline = time.monotonic() + within
        while not all(each in self.text for each in texts):
            assert time.monotonic() < deadline, f"{texts} is not in {self.text!r}"
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.text += os.read(self.master, 65536).decode().replace("\r", "")
                except OSError:
                    assert all(each in self.text for each in texts), f"{texts} is not in {self.text!r}"
        return self.text

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def wait(self) -> int:
        """Give its exit status."""
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self.pid = 0
        return status

    def close(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.master)


@pytest.fixture
def started(home: Path) -> Iterator[Path]:
    """A mesh with a process to be started by hand; nothing is left of it after the test."""
    Path("topology.yaml").write_text(MESH)
    Path("programs.py").write_text(PROGRAMS)
    Path("script.py").write_text(SCRIPT)
    Path("vars.env").write_text("# of the test\nSECRET=hunter2\nWORD=hidden\n")
    Path("vars.env").chmod(0o600)
    done = orchestrator("up", "-d", "--wait-timeout", "30s")
    assert (done.returncode, done.stderr.splitlines()[1].split()) == (0, ["started", "2/2", *_ANY])
    yield home
    if meshes.running():
        orchestrator("down", "--now", "hand")
    until(lambda: not meshes.running())


class _Any(str):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__


_ANY = [_Any(), _Any()]


@pytest.fixture
def run() -> Iterator[Run]:
    opened: list[Terminal] = []

    def start(*arguments: str) -> Terminal:
        opened.append(Terminal("run", "-m", "hand", *arguments))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def ps(name: str) -> dict[str, Any]:
    try:
        document = status(folders.of("hand"))
    except connection.Unreachable:
        return {"state": "", "pid": None, "links": {}, "terminal": False}
    return next(one for one in document["processes"] if one["name"] == name)


def state(name: str) -> str:
    return str(ps(name)["state"])


def up(name: str, edge: str) -> bool:
    link = ps(name)["links"].get(edge)
    return bool(link) and link["up"] == link["declared"]


def log(name: str) -> str:
    return (folders.of("hand").logs / f"{name}.log").read_text()


def secret_is_nowhere_else(home: Path) -> bool:
    return not [path for path in (home / "s").rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()]


def test_a_manual_process_runs_in_a_terminal_until_the_mesh_drains_it(started: Path, run: Run) -> None:
    assert (state("sink"), state("work")) == ("stopped", "ready")
    listed = orchestrator("ps", "-m", "hand").stdout
    assert "started by hand: orchestrator start sink, or run" in listed

    sink = run("sink")
    shown = sink.see("first").splitlines()
    assert shown[0] == f"sink {sink.pid} from the file hunter2 {Path.cwd()}"
    until(lambda: up("sink", "out") and up("work", "out"))
    assert (ps("sink")["pid"], state("sink")) == (sink.pid, "ready")
    assert "in a terminal" in orchestrator("ps", "-m", "hand").stdout
    again = orchestrator("run", "-m", "hand", "sink")
    assert (again.returncode, again.stderr) == (2, f"hand: sink runs in another terminal, pid {sink.pid}\n")

    down = orchestrator("down", "hand")
    assert "drained    3/3" in down.stderr
    assert "nothing left in flight" in down.stderr
    sink.see("drained")
    assert sink.wait() == 7
    assert secret_is_nowhere_else(started)


def test_who_leaves_the_terminal_leaves_a_manual_process_as_it_was(started: Path, run: Run) -> None:
    for signal_number in (signal.SIGINT, signal.SIGKILL):
        sink = run("sink")
        sink.see("first")
        os.kill(sink.pid, signal_number)
        assert sink.wait() == (130 if signal_number == signal.SIGINT else -signal.SIGKILL)
        until(lambda: state("sink") == "stopped")
        assert ps("sink")["pid"] is None
    assert (state("work"), ps("work")["generation"]) == ("ready", 1)


def test_what_run_has_stopped_starts_again(started: Path, run: Run) -> None:
    asked = orchestrator("run", "-m", "hand", "work", stdin=subprocess.DEVNULL)
    assert (asked.returncode, asked.stderr) == (2, "work is ready; --yes stops it first\n")

    sink = run("sink")
    sink.see("first")  # else what is left in work would not find its way
    work = run("work", "--", sys.executable, "-c", "import os; print('became', os.getpid(), flush=True); input()")
    work.see("work is ready; stop it and run it here? [y/N] ")
    work.type("y\n")
    work.see("work was stopped for this; it starts again when this one has ended", f"became {work.pid}")
    assert "drained" in log("work")
    assert (state("work"), ps("work")["pid"]) == ("starting", work.pid)
    work.type("\n")
    assert work.wait() == 0
    until(lambda: state("work") == "ready")
    assert (ps("work")["generation"], ps("work")["restarts"], ps("work")["terminal"]) == (3, 0, False)
    until(lambda: up("work", "out") and up("work", "ticks"))


def test_what_is_meant_for_a_process_that_does_not_run_holds_nobody_up(started: Path) -> None:
    until(lambda: json.loads(orchestrator("ps", "--format", "json").stdout)["uptime"] > 0.5)
    down = orchestrator("down", "hand")
    assert "hand: sink does not run; what others still have for it is lost\n" in down.stderr
    found = re.search(r"drained    2/2  ([\d.]+) s, .*did not run, so what was for them is lost: sink", down.stderr)
    assert found, down.stderr
    assert float(found[1]) < 5


def test_it_asks_and_takes_no_for_an_answer(started: Path, run: Run) -> None:
    work = run("work")
    work.see("[y/N] ")
    work.type("\n")
    assert work.wait() == 2
    work.see("work goes on")
    assert (state("work"), ps("work")["generation"]) == ("ready", 1)


def test_a_debugger_in_the_terminal(started: Path, run: Run) -> None:
    sink = run("sink", "--", sys.executable, "-m", "pdb", "script.py")
    sink.see("(Pdb) ")
    assert state("sink") == "starting"
    sink.type("break script.py:6\ncontinue\n")
    sink.see("> " + str(Path("script.py").resolve()) + "(6)")
    assert state("sink") == "ready"
    # While all of it stands, as other debuggers have it, a peer comes back and does not wait for it.
    os.kill(sink.pid, signal.SIGSTOP)
    os.kill(ps("work")["pid"], signal.SIGKILL)
    until(lambda: (ps("work")["state"], ps("work").get("generation")) == ("ready", 2))
    os.kill(sink.pid, signal.SIGCONT)
    sink.type("clear 1\ncontinue\n")
    sink.see("script got sink")
    down = subprocess.Popen(command("down", "hand"), stderr=subprocess.PIPE, text=True)
    sink.see("script drained", "will be restarted")  # as pdb has it, until it is left
    sink.type("quit\n")
    assert "nothing left in flight" in down.communicate(timeout=30)[1]


def test_a_program_behind_a_shell_is_drained_too(started: Path, run: Run) -> None:
    sink = run("sink", "--", "sh", "-c", f"{sys.executable} script.py; echo status $?")
    sink.see("script got sink")
    orchestrator("down", "hand")
    sink.see("script drained", "status 0")
    assert sink.wait() == 0


def test_the_terminal_goes_on_when_keeper_and_supervisor_die(started: Path, run: Run) -> None:
    sink = run("sink")
    sink.see("first")
    for role in ("pid", "keeper"):
        before = connection.ask(folders.of("hand").supervisor, Info())
        os.kill(before[role], signal.SIGKILL)
        until(lambda role=role, gone=before[role]: _info().get(role, gone) != gone)
        until(lambda: state("sink") == "ready")
        assert (ps("sink")["pid"], ps("sink")["terminal"]) == (sink.pid, True)
    os.kill(sink.pid, signal.SIGKILL)
    sink.wait()
    until(lambda: state("sink") == "stopped")
    assert state("work") == "ready"


def _info() -> dict[str, Any]:
    try:
        return connection.ask(folders.of("hand").supervisor, Info())  # type: ignore[no-any-return]
    except connection.Unreachable:
        return {}


def test_who_gives_up_before_it_has_the_process_gives_it_back(started: Path, run: Run) -> None:
    os.kill(ps("work")["pid"], signal.SIGSTOP)
    waiting = subprocess.Popen(command("run", "-m", "hand", "work", "--yes"), stdin=subprocess.DEVNULL)
    until(lambda: drains("hand", "work"))
    waiting.send_signal(signal.SIGINT)
    waiting.wait()
    os.kill(ps("work")["pid"], signal.SIGKILL)
    until(lambda: (ps("work")["state"], ps("work").get("generation")) == ("ready", 2))


def test_what_cannot_be_run(started: Path) -> None:
    for arguments, text in {
        ("nobody",): "no process nobody; nodes: feed, work, sink",
        ("sink", "--", "no-such-command"): "no-such-command: no such command",
    }.items():
        done = orchestrator("run", "-m", "hand", *arguments)
        assert (done.returncode, done.stderr) == (2, f"{text}\n")
    Path("vars.env").write_text("SECRET=hunter2\nhunter2\n")
    done = orchestrator("run", "-m", "hand", "sink")
    assert done.returncode == 2
    why = "no '='; a line is NAME=value, and values cannot go over several lines"
    assert done.stderr == f"hand: env_file {Path('vars.env').resolve()}:2: {why}\n"
    assert state("sink") == "stopped"


def test_env_shows_what_a_process_finds(started: Path) -> None:
    done = orchestrator("env", "-m", "hand", "sink")
    assert done.returncode == 0
    assert "hunter2" not in done.stdout
    assert done.stdout.endswith(f"# from {Path('vars.env').resolve()}, not printed: SECRET\n")
    address = f"ipc://{folders.of('hand').run}/sink.in"
    script = (
        f'set -a; . ./shown; {sys.executable} -c \'import os; print(os.environ["WORD"], os.environ["ZMQ_IN_BIND"])\''
    )
    Path("shown").write_text(done.stdout)
    assert subprocess.run(["sh", "-c", script], capture_output=True, text=True).stdout == f"from the file {address}\n"
    document = json.loads(orchestrator("env", "-m", "hand", "sink", "--format", "json").stdout)
    assert document["env"]["ORCHESTRATOR_PROCESS"] == "sink"
    assert list(document["not_printed"].values()) == [["SECRET"]]


def test_a_command_is_not_started_twice_when_the_supervisor_dies(home: Path) -> None:
    Path("topology.yaml").write_text("name: hand\nnodes: {a: {command: sleep 1000}}\n")
    assert orchestrator("up", "-d").returncode == 0
    before = ps("a")["pid"]
    gone = _info()["pid"]
    os.kill(gone, signal.SIGKILL)
    until(lambda: _info().get("pid", gone) != gone)
    assert (ps("a")["pid"], ps("a")["generation"]) == (before, 1)
    assert exits.start_ticks(before)
    assert orchestrator("down", "hand").returncode == 0
