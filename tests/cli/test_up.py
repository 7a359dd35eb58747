from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from orchestrator.client import connection, meshes
from orchestrator.contract import folders
from orchestrator.control.verbs import Info
from tests.support.waiting import until

from .conftest import command, orchestrator

pytestmark = pytest.mark.process

SMALL = """\
name: small
nodes:
  talker: {python: "programs:talk", sockets: {out: PUSH}}
  hearer: {python: "programs:hear", sockets: {in: PULL}}
edges:
  line: {bind: hearer.in, connect: talker.out}
"""
PROGRAMS = r"""
import sys, time

def talk(node):
    out = node.socket("out")
    print("speaks")
    while not node.stopping:
        out.send(b"word")
        node.stopping.wait(0.01)

def hear(node):
    for number, message in enumerate(node.messages("in")):
        if number == 0:
            print("heard \x1b[31mone")

def count(node, status=0):
    print("counted")
    sys.exit(status)

def linger(node):
    print("deaf")
    while True:
        time.sleep(0.1)
"""


@pytest.fixture
def small(home: Path) -> Iterator[Path]:
    """A folder with a small mesh; nothing of any mesh is left running after the test."""
    Path("topology.yaml").write_text(SMALL)
    Path("programs.py").write_text(PROGRAMS)
    yield home
    for name in meshes.running():
        orchestrator("down", "--now", name)
    # The keeper leaves when its folder is gone, and so a moment after the mesh has.
    until(lambda: not any(str(home) in " ".join(each.info["cmdline"] or ()) for each in _processes()), 5)


def _processes() -> Iterator[psutil.Process]:
    return psutil.process_iter(["cmdline"])


def write(text: str) -> None:
    Path("topology.yaml").write_text("name: small\n" + text)


def up(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command("up", *arguments), **(pipes | options))


def heard(going: subprocess.Popen[str], *texts: str) -> str:
    """Read the log until all texts have been in it."""
    assert going.stdout is not None
    read = ""
    while not all(text in read for text in texts):
        line = going.stdout.readline()
        assert line, f"ended after {read!r}: {going.stderr.read() if going.stderr else ''}"
        read += line
    return read


def gone() -> bool:
    return not folders.of("small").run.exists() and not meshes.running()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_drains_the_mesh(small: Path, number: int) -> None:
    going = up()
    log = heard(going, "speaks", "one")
    assert "talker | speaks\n" in log
    assert "hearer | heard \\x1b[31mone\n" in log
    going.send_signal(number)
    rest, notes = going.communicate(timeout=30)
    assert re.fullmatch(
        r"""small: 2 processes, 1 link, from topology.yaml
  started    2/2  \d+\.\d\d s
  connected  1/1
  gate open       \d+\.\d\d s
stopping \(again to kill\): talker, then hearer
  drained    2/2  \d+\.\d\d s, nothing left in flight
small: stopped, 2 clean exits, 0 restarts
""",
        notes,
    )
    assert (going.returncode, rest) == (0, "")
    assert gone()


def test_a_second_interrupt_kills(small: Path) -> None:
    write('nodes: {a: {python: "programs:linger", stop: {grace: 60s}}}\n')
    going = up()
    heard(going, "deaf")
    assert going.stderr is not None
    going.send_signal(signal.SIGINT)
    while "stopping (again to kill): a" not in going.stderr.readline():
        pass
    going.send_signal(signal.SIGINT)
    _, notes = going.communicate(timeout=30)
    assert going.returncode == 130
    assert "killed: a" in notes
    assert gone()


@pytest.mark.parametrize("status", [0, 3])
def test_it_ends_as_its_main_does(small: Path, status: int) -> None:
    write(f'nodes: {{a: {{python: "programs:count", kind: main, args: {{status: {status}}}}}}}\n')
    done = orchestrator("up")
    assert (done.returncode, done.stdout) == (status, "a | counted\n")
    assert done.stderr.splitlines()[-1].startswith("small: stopped, 1 clean exit" if not status else "small: failed, 0")
    assert gone()


def test_it_stops_after_a_time(small: Path) -> None:
    done = orchestrator("up", "--for", "4s", "-q")
    assert (done.returncode, done.stderr) == (0, "")
    assert "talker | speaks\n" in done.stdout
    assert gone()


def test_all_of_it_as_json(small: Path) -> None:
    done = orchestrator("up", "--for", "300ms", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["event"] for each in told if "event" in each][:: len(told)] == ["begin"]
    assert told[-1]["event"] == "ended"
    assert {"speaks", "heard \x1b[31mone"} <= {each["text"] for each in told if "stream" in each}


@pytest.mark.long
def test_it_fails_when_it_is_not_over_in_time(small: Path) -> None:
    done = orchestrator("up", "--timeout", "1s", "--for", "1m")
    assert done.returncode == 1
    assert re.search(r"^small: not over after 1 s\nstopping: talker, then hearer\n", done.stderr, re.MULTILINE)
    assert done.stderr.endswith("small: stopped, 2 clean exits, 0 restarts\n")
    assert gone()
    write('nodes: {a: {python: "programs:count", kind: main}}\n')
    assert orchestrator("up", "--timeout", "30s").returncode == 0


@pytest.mark.long
def test_down_bounds_the_drain_of_all_meshes(small: Path) -> None:
    write('nodes: {a: {python: "programs:linger", stop: {grace: 60s}}}\n')
    assert orchestrator("up", "-d").returncode == orchestrator("up", "-d", "--name", "other").returncode == 0
    down = orchestrator("down", "--all", "--grace", "300ms")
    assert down.returncode == 1  # what they held is lost
    assert down.stderr.count("killed: a\n") == 2
    assert not meshes.running()
    assert (orchestrator("down", "--all").returncode, orchestrator("down", "small").returncode) == (0, 2)


def test_the_mesh_of_a_client_that_is_killed_drains(small: Path) -> None:
    going = up()
    heard(going, "speaks")
    going.kill()
    going.communicate()
    until(gone)


def test_the_mesh_ends_when_nobody_reads_it_any_more(small: Path) -> None:
    write("nodes: {a: {command: \"sh -c 'while echo word; do sleep 0.02; done'\"}}\n")
    going = up()
    heard(going, "word")
    assert going.stdout is not None
    assert going.stderr is not None
    going.stdout.close()
    assert "Traceback" not in going.stderr.read()
    assert going.wait(30) == 128 + signal.SIGPIPE  # what came since was not written
    going.stderr.close()
    assert gone()


def test_detached_it_goes_on(small: Path) -> None:
    done = orchestrator("up", "-d", "--wait-timeout", "30s")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines()[-1].startswith("small is up; orchestrator logs -m small -f shows its output")
    document = json.loads(orchestrator("ps", "--format", "json").stdout)
    assert {one["name"]: one["state"] for one in document["processes"]} == {"talker": "ready", "hearer": "ready"}
    assert "heard" in orchestrator("logs", "hearer").stdout
    assert orchestrator("ls").stdout.splitlines()[1].startswith("small")

    Path("topology.yaml").write_text("# moved, not changed\n" + SMALL)
    again = orchestrator("up", "-d", "./topology.yaml")
    assert (again.returncode, again.stderr.splitlines()[0]) == (0, "small runs already")
    other = orchestrator("up", "--set", "x=1", "--name", "small", input="")
    assert other.returncode == 2
    Path("topology.yaml").write_text(SMALL.replace('talk"', 'talk", env: {A: b}'))
    other = orchestrator("up")
    assert (other.returncode, other.stdout) == (2, "")
    assert other.stderr.startswith("small runs already, with another plan (talker: env A); down ends it, ")

    down = orchestrator("down")
    assert down.returncode == 0
    assert down.stderr.splitlines()[0] == "stopping: talker, then hearer"
    assert gone()


def test_who_joins_a_running_mesh_leaves_it_running(small: Path) -> None:
    assert orchestrator("up", "-d").returncode == 0
    going = up()
    assert going.stderr is not None
    assert going.stderr.readline() == "small runs already; Ctrl-C leaves it running\n"
    going.send_signal(signal.SIGINT)
    _, notes = going.communicate(timeout=30)
    assert (going.returncode, notes) == (0, "small goes on; orchestrator down small ends it\n")
    assert meshes.running() == ["small"]


def test_who_attaches_sees_what_comes_and_leaves_it_running(small: Path) -> None:
    assert orchestrator("up", "-d").returncode == 0
    going = subprocess.Popen(command("attach", "small"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert going.stderr is not None
    assert going.stderr.readline() == "small: Ctrl-C leaves it running\n"
    assert orchestrator("restart", "-q", "talker").returncode == 0
    assert "talker | speaks\n" in heard(going, "speaks")
    going.send_signal(signal.SIGINT)
    assert going.communicate(timeout=30)[1].endswith("small goes on; orchestrator down small ends it\n")
    assert (going.returncode, meshes.running()) == (0, ["small"])

    going = subprocess.Popen(command("attach"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert going.stderr is not None
    going.stderr.readline()
    assert orchestrator("down", "small", "--grace", "20s").returncode == 0
    assert going.communicate(timeout=30)[1].endswith("small: stopped, 2 clean exits, 0 restarts\n")
    assert going.returncode == 0
    assert orchestrator("attach", "small").returncode == 2


def test_an_error_at_import_shows_its_traceback(small: Path) -> None:
    Path("broken.py").write_text("import programs\nimport nunpy\n\n\ndef main(node): ...\n")
    write('nodes: {a: {python: "broken:main", restart: never}}\n')
    done = orchestrator("up", "-d")
    assert done.returncode == 1
    assert "ModuleNotFoundError: No module named 'nunpy'" in done.stderr
    assert 'broken.py", line 2' in done.stderr
    orchestrator("down", "small")
    attached = orchestrator("up")
    assert attached.returncode == 1
    assert 'broken.py", line 2' in attached.stdout
    assert "a ! failed for good; more: orchestrator logs a" in attached.stderr


@pytest.mark.long
def test_what_the_gate_waits_for_is_named(small: Path) -> None:
    write("nodes: {a: {command: sleep 1000, ready: library, stop: {grace: 100ms}}}\n")
    done = orchestrator("up", "-d", "--wait-timeout", "6s")
    assert done.returncode == 1
    assert re.search(r"^  waiting +a: ", done.stderr, re.MULTILINE)
    assert "small: not up after 6 s; it waits for a (" in done.stderr
    assert "small goes on, not all of it" in done.stderr


def test_who_watches_stays_when_keeper_or_supervisor_dies(small: Path) -> None:
    going = up()
    heard(going, "one")
    for role in ("keeper", "pid"):
        before = _info()
        os.kill(before[role], signal.SIGKILL)
        until(lambda role=role, before=before: _info().get(role, before[role]) != before[role])
    going.send_signal(signal.SIGINT)
    _, notes = going.communicate(timeout=30)
    assert going.returncode == 0
    assert notes.endswith("small: stopped, 2 clean exits, 0 restarts\n")
    assert gone()


def _info() -> dict[str, Any]:
    try:
        return connection.ask(folders.of("small").supervisor, Info())  # type: ignore[no-any-return]
    except connection.Unreachable:
        return {}


def test_a_mesh_whose_keeper_and_supervisor_died_is_taken_over(small: Path) -> None:
    assert orchestrator("up", "-d").returncode == 0
    before = json.loads(orchestrator("ps", "--format", "json").stdout)["processes"]
    info = json.loads(orchestrator("ls", "--format", "json").stdout)[0]
    os.kill(info["keeper"], signal.SIGSTOP)  # so that it starts no new supervisor meanwhile
    os.kill(info["pid"], signal.SIGKILL)
    os.kill(info["keeper"], signal.SIGKILL)
    until(lambda: not meshes.running())
    told = orchestrator("ps", "-m", "small")
    assert (told.returncode, told.stdout) == (2, "")
    assert "up takes over the nodes that still run" in told.stderr
    other = orchestrator("up", "-", input=SMALL.replace('talk"', 'talk", env: {A: b}'))
    assert (other.returncode, other.stdout) == (2, "")
    assert "with another plan (talker: env A): up with its former file takes that over" in other.stderr

    assert orchestrator("up", "-d").returncode == 0
    after = json.loads(orchestrator("ps", "--format", "json").stdout)["processes"]
    assert [one["pid"] for one in after] == [one["pid"] for one in before]
    assert orchestrator("down").returncode == 0
    assert gone()


def test_a_keeper_that_cannot_start_is_quoted(small: Path) -> None:
    of = folders.of("small")
    folders.make(of)
    Path(of.keeper).mkdir()
    done = orchestrator("up")
    assert done.returncode == 1
    assert "small: did not start; " in done.stderr
    assert "Error" in done.stderr
    Path(of.keeper).rmdir()
    assert orchestrator("up", "--for", "1s").returncode == 0


def test_from_standard_input(small: Path) -> None:
    done = orchestrator("up", "-", "--for", "1500ms", input=SMALL)
    assert done.returncode == 0
    assert "speaks" in done.stdout


@pytest.mark.parametrize("plain", [False, True])
def test_on_a_terminal(small: Path, monkeypatch: pytest.MonkeyPatch, plain: bool) -> None:
    monkeypatch.setenv("TERM", "xterm")
    if plain:
        monkeypatch.setenv("NO_COLOR", "1")
    master, slave = pty.openpty()
    going = up("--for", "1500ms", stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    shown = b""
    while part := _read(master):
        shown += part
    os.close(master)
    assert going.wait(30) == 0
    assert b"gate open" in shown
    assert (b"\x1b[36mtalker |\x1b[0m speaks" in shown) is not plain
    assert b"\x1b[31mone" not in shown


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""  # nobody has the other end open any more
