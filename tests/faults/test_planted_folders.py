"""A second unix user plants the run folder of somebody else's meshes, with a supervisor that answers everything."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from cli.conftest import ROOT, plan

from orchestrator.contract.folders import Folders
from orchestrator.plan import model
from tests.support.second_user import Running, User, needs_second_user, second_user
from tests.support.waiting import until

pytestmark = [pytest.mark.process, needs_second_user]

VERBS = (
    "run feed -m plain -y",
    "env feed -m plain",
    "ps -m plain",
    "ps -a -m plain",
    "ps",
    "ls",
    "ls -a",
    "top -m plain",
    "down plain",
    "down --all",
    "stop feed -m plain",
    "start feed -m plain",
    "restart feed -m plain",
    "kill feed -m plain",
    "wait --ready -m plain",
    "wait --exit -m plain",
    "attach plain",
    "logs -m plain",
    "logs -f -m plain",
    "events -m plain",
    "tap e -m plain",
    "record e -o r.jsonl -m plain",
    "replay two.jsonl -m plain -y",
    "journal ls -m plain",
    "up topology.yaml --name plain",
)

DRIVER = """
import json, os, sys, tempfile
from orchestrator.cli import main, verbs

def ended(line):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if pid == 0:
            os.dup2(out.fileno(), 1), os.dup2(err.fileno(), 2)
            sys.argv = ["orchestrator", *line.split()]
            main()
        _, status = os.waitpid(pid, 0)
        texts = [os.pread(file.fileno(), 1 << 20, 0).decode() for file in (out, err)]
        return os.waitstatus_to_exitcode(status), *texts

verbs.app()  # imports them, once for all
import orchestrator.topology.load, orchestrator.plan.build, zmq
print(json.dumps([ended(line) for line in sys.argv[1:]]))
"""
"""Runs commands in forks of one Python: starting it is what takes time."""

CHECKS_OFF = "from orchestrator.contract import folders; folders.check = lambda folder: None"
PEERS_OFF = """\
import os
from orchestrator.client import connection
from orchestrator.contract.peer import Credentials
connection.credentials = lambda sock: Credentials(0, os.getuid(), 0)
"""


def planted(base: Path, owner: int) -> None:
    """Be a supervisor in a folder of ``owner``'s name, which has a command and variables to give."""
    root = base / f"orchestrator-{owner}"
    mesh = root / "plain"
    mesh.mkdir(parents=True)
    for folder in (root, mesh):
        folder.chmod(0o755)
    (mesh / "environment").write_text("{}")
    order = {
        "process": "feed", "generation": 1, "python": "", "command": ["/bin/sh", "-c", "echo code of a stranger"],
        "args": {}, "env": {}, "working_dir": "/tmp", "stdin": "", "stdout": "", "stderr": "", "wiring": "",
        "control": "",
    }  # fmt: skip
    (mesh / "launch.json").write_text(json.dumps(order))
    answers = {
        "run": {"launch": f"{mesh}/launch.json", "again": False, "state": "ready"},
        "env": {"PATH": "a stranger's:/bin"},
    }
    with open(mesh / "lock", "w") as lock, socket.socket(socket.AF_UNIX) as listen_seqpacket:
        fcntl.flock(lock, fcntl.LOCK_EX)
        listen_seqpacket.bind(f"{mesh}/supervisor")
        os.chmod(f"{mesh}/supervisor", 0o777)
        listen_seqpacket.listen(5)
        print("planted")
        while True:
            client, _ = listen_seqpacket.accept()
            with client:
                client.settimeout(5)
                if asked := client.recv(65536):
                    print("asked", json.loads(asked)["verb"])
                    client.sendall(json.dumps({"ok": answers.get(json.loads(asked)["verb"], {})}).encode() + b"\n")


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str


class Victim:
    """One who had a mesh of the name before, and has no XDG_RUNTIME_DIR."""

    def __init__(self, base: Path) -> None:
        self.home = base / "home"
        self.home.mkdir(mode=0o700)
        state = Folders(base, self.home / "s/orchestrator/plain")
        state.logs.mkdir(parents=True)
        for folder in (state.state, state.state.parent):
            folder.chmod(0o700)
        state.plan.write_bytes(model.dump(plan("plain", "feed")))
        (self.home / "topology.yaml").write_text("nodes: {feed: {command: echo}}")
        (self.home / "two.jsonl").write_text('{"recording": 1}\n')
        self.environment = {name: text for name, text in os.environ.items() if name != "XDG_RUNTIME_DIR"} | {
            "TMPDIR": str(base),
            "XDG_STATE_HOME": str(self.home / "s"),
            "PYTHONPATH": str(ROOT),
        }

    def __call__(self, *lines: str, off: Sequence[str] = ()) -> list[Ended]:
        """Run commands, one after the other, with mechanisms switched ``off`` by lines of Python."""
        done = subprocess.run(
            [sys.executable, "-c", "\n".join([*off, DRIVER]), *lines],
            cwd=self.home,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert done.returncode == 0, done.stderr
        return [Ended(*each) for each in json.loads(done.stdout)]


@pytest.fixture(scope="module")
def stranger() -> Iterator[User]:
    with second_user() as user:
        yield user


@pytest.fixture
def base() -> Iterator[Path]:
    """A folder as /tmp is: all may write into it."""
    made = Path(tempfile.mkdtemp(dir="/tmp"))
    made.chmod(0o1777)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def trap(stranger: User, base: Path) -> Iterator[Running]:
    with stranger.start(planted, base, os.getuid()) as running:
        until(lambda: "planted" in running.text)
        yield running


def test_no_client_believes_a_folder_of_somebody_else(trap: Running, stranger: User, base: Path) -> None:
    why = f"{base}/orchestrator-{os.getuid()}: belongs to uid {stranger.uid}, not to you (uid {os.getuid()}); remove it"
    *done, doctor = Victim(base)(*VERBS, "doctor")
    for verb, ended in zip(VERBS, done, strict=True):
        assert ended == Ended(2, "", f"{why}\n"), verb
    assert (doctor.status, why in doctor.out) == (1, True)
    assert trap.text == "planted\n"  # nobody has sent it a byte


def test_a_shell_completes_no_name_of_a_folder_of_somebody_else(trap: Running, base: Path) -> None:
    victim = Victim(base)
    victim.environment |= {"COMP_WORDS": "__main__.py down ", "COMP_CWORD": "2", "PS1": ""}
    for off in ((), (CHECKS_OFF,)):
        line = "\n".join([*off, "from orchestrator.cli.options import meshes", "print(meshes(''))"])
        done = subprocess.run([sys.executable, "-c", line], env=victim.environment, capture_output=True, text=True)
        assert (done.stdout, done.stderr) == ("['plain']\n" if off else "[]\n", "")


def test_who_answers_is_looked_at_too(trap: Running, stranger: User, base: Path) -> None:
    asking = ("run", "env", "top", "down", "stop", "kill")
    verbs = [verb for verb in VERBS if verb.split()[0] in asking]
    for verb, ended in zip(verbs, Victim(base)(*verbs, off=(CHECKS_OFF,)), strict=True):
        assert (ended.status, ended.out) == (2, ""), verb
        assert f"uid {stranger.uid} answers there, not you (uid {os.getuid()})" in ended.err.splitlines()[-1], verb
    assert trap.text == "planted\n"


def test_without_both_the_strangers_command_runs(trap: Running, base: Path) -> None:
    run, env = Victim(base)("run feed -m plain -y", "env feed -m plain", off=(CHECKS_OFF, PEERS_OFF))
    assert run.out == "code of a stranger\n"
    assert "a stranger" in env.out
    assert trap.text.split() == ["planted", "asked", "run", "asked", "env"]


def test_a_link_to_a_folder_of_ones_own_is_no_folder(stranger: User, base: Path) -> None:
    victim = Victim(base)
    (victim.home / "mine").mkdir(mode=0o700)
    link = base / f"orchestrator-{os.getuid()}"
    stranger.run(os.symlink, victim.home / "mine", link)
    verbs = ("run feed -m plain -y", "down --all", "ls", "ps")
    for verb, ended in zip(verbs, victim(*verbs), strict=True):
        assert ended == Ended(2, "", f"{link}: is not a folder of its own (a link or a file); remove it\n"), verb


@pytest.mark.parametrize("which", ["root", "mesh"])
def test_a_state_folder_that_others_can_enter_is_not_read(base: Path, which: str) -> None:
    victim = Victim(base)
    state = victim.home / "s/orchestrator"
    opened = state if which == "root" else state / "plain"
    opened.chmod(0o777)
    verbs = ("run feed -m plain -y", "ps -a -m plain", "logs -m plain", "journal ls -m plain", "wait --exit -m plain")
    for verb, ended in zip(verbs, victim(*verbs), strict=True):
        assert ended == Ended(2, "", f"{opened}: is open to others (mode 777); chmod 700 it\n"), verb
