"""Single processes under a real keeper and supervisor."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from orchestrator.contract.launch import EX_CONFIG
from orchestrator.plan.model import Ready, Restart, Stop
from tests.support.waiting import until

from .bench import HERE
from .meshes import Mesh, alone, fixed, gone, pair, python

pytestmark = pytest.mark.process

ONCE = Restart("never")
ROOT = Path(__file__).parents[2]


def told(mesh: Mesh) -> dict[str, Any]:
    until(lambda: mesh.log("one"), why=mesh.text)
    result: dict[str, Any] = json.loads(mesh.log("one")[0])
    return result


def test_a_python_node_is_forked(mesh: Mesh) -> None:
    mesh.start(alone())
    mesh.up()
    found = told(mesh)
    assert found["forked"]
    assert found["pid"] == mesh.pids()["one"]
    assert found["parent"] == mesh.ask("info")["keeper"]
    assert mesh.down() == 0


def test_who_watches_loads_no_openssl(mesh: Mesh) -> None:
    mesh.start(alone())
    mesh.up()
    info = mesh.ask("info")
    for pid in (info["pid"], info["keeper"]):
        maps = Path(f"/proc/{pid}/maps").read_text()
        assert "python" in maps
        assert "libcrypto" not in maps
    assert mesh.down() == 0


def test_what_the_interpreter_reads_makes_a_python_node_execute(mesh: Mesh) -> None:
    mesh.start(alone(env={"PYTHONHASHSEED": "5", "PYTHONPATH": str(ROOT)}))
    mesh.up()
    found = told(mesh)
    assert not found["forked"]
    seeded = {**os.environ, "PYTHONHASHSEED": "5"}
    printed = subprocess.run(
        [sys.executable, "-c", "print(hash('a text'))"], env=seeded, capture_output=True, check=True
    )
    assert found["hash"] == int(printed.stdout)
    assert mesh.down() == 0


def test_text_for_standard_input(mesh: Mesh) -> None:
    text = "line\n" * 5_000
    mesh.start(alone(stdin=text))
    assert told(mesh)["stdin"] == text
    assert mesh.down() == 0


def test_no_text_for_standard_input(mesh: Mesh) -> None:
    mesh.start(alone())
    assert told(mesh)["stdin"] == ""
    assert mesh.down() == 0


def test_a_process_knows_who_it_is(mesh: Mesh) -> None:
    mesh.start(alone())
    environ = told(mesh)["environ"]
    assert (environ["ORCHESTRATOR_MESH"], environ["ORCHESTRATOR_PROCESS"]) == ("m", "one")
    assert environ["XDG_STATE_HOME"] == os.environ["XDG_STATE_HOME"]
    assert mesh.down() == 0


def test_a_command_that_is_not_there_fails_and_says_so(mesh: Mesh) -> None:
    mesh.start(alone(library=False, kind="main", restart=ONCE, command=("no-such-command",)))
    assert mesh.ended() == 127
    (exited,) = mesh.events("exited")
    assert (exited["status"], exited["will"]) == (127, "failed")
    assert exited["reason"] == ["cannot run no-such-command: No such file or directory"]


def test_a_module_that_cannot_be_imported_shows_why(mesh: Mesh) -> None:
    mesh.start(alone("no_such_module:run", kind="main", restart=Restart("always")))
    assert mesh.ended() == EX_CONFIG
    (exited,) = mesh.events("exited")  # no further start could mend it
    assert exited["will"] == "failed"
    said = f"python: no_such_module:run: no module 'no_such_module' in {HERE}; name a module:callable"
    assert exited["reason"] == [said]


@pytest.mark.parametrize(("code", "status"), [("exit 0", 0), ("exit 3", 3), ("kill -9 $$", 137)])
def test_a_mesh_ends_as_its_main_does(mesh: Mesh, code: str, status: int) -> None:
    mesh.start(alone(library=False, kind="main", restart=ONCE, command=("sh", "-c", code)))
    assert mesh.ended() == status
    mesh.close()
    assert mesh.keepers[0].returncode == 0


def test_a_port_that_is_taken_ends_the_mesh_and_is_named(mesh: Mesh) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        mesh.start(fixed(pair(), address))
        assert mesh.ended() == 1
    (note,) = mesh.events("note")
    assert note["text"].startswith(f"feed.ticks: cannot listen at {address}: Address already in use")
    assert not mesh.events("started")


def test_a_process_that_hears_nothing_is_killed_and_named(mesh: Mesh) -> None:
    mesh.start(alone("blocked", stop=Stop(grace=0.3)))
    until(lambda: mesh.log("one") == ["blocked"])
    assert mesh.down() == 1
    assert [each["signal"] for each in mesh.events("killed")] == ["TERM", "KILL"]
    assert mesh.events("ended")[0]["killed"] == ["one"]


def test_a_down_that_may_take_no_time(mesh: Mesh) -> None:
    mesh.start(alone("blocked", stop=Stop(grace=60.0)))
    until(lambda: mesh.log("one") == ["blocked"])
    assert mesh.down(now=True) == 0
    assert mesh.events("ended")[0]["seconds"] < 5


def test_a_down_right_after_the_start(mesh: Mesh) -> None:
    mesh.start(alone(stop=Stop(grace=60.0)))
    assert mesh.down() == 0
    # No signal is lost that reaches a process in its first moment.
    assert not mesh.events("killed")


def test_who_has_left_its_group_goes_with_the_mesh(mesh: Mesh) -> None:
    mesh.start(alone("breeds"))
    until(lambda: mesh.log("one"))
    orphan = int(mesh.log("one")[0])
    assert mesh.down() == 0
    mesh.close()
    assert gone(orphan)


def test_a_command_that_says_when_it_is_ready(mesh: Mesh) -> None:
    script = (
        "import os, socket, sys\n"
        "sys.stdin.read()\n"
        "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
        "s.sendto(b'STATUS=soon\\nREADY=1', os.environ['NOTIFY_SOCKET'])\n"
        "import time; time.sleep(600)\n"
    )
    mesh.start(alone(library=False, ready=Ready("notify"), command=python("-c", script)))
    mesh.up()
    assert mesh.events("up")
    assert mesh.down() == 0


def test_a_reason_is_the_last_lines_on_standard_error(mesh: Mesh) -> None:
    script = "for n in $(seq 1 30); do echo $n >&2; done; echo out; exit 1"
    mesh.start(alone(library=False, kind="main", restart=ONCE, command=("sh", "-c", script)))
    assert mesh.ended() == 1
    assert mesh.events("exited")[0]["reason"] == [str(number) for number in range(11, 31)]
    assert "out" in mesh.log("one")


def test_a_process_that_is_stopped_is_no_failure(mesh: Mesh) -> None:
    mesh.start(alone(library=False, command=("sleep", "600")))
    until(lambda: mesh.events("up"))
    assert mesh.down() == 0
    (exited,) = mesh.events("exited")
    assert (exited["status"], exited["will"]) == (-signal.SIGTERM, "stopped")


def test_more_processes_than_descriptors_are_allowed_at_first(mesh: Mesh) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        mesh.start(alone(replicas=70))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    until(lambda: mesh.events("up"), why=mesh.text)
    assert mesh.down() == 0


def test_the_owner_is_gone_and_the_mesh_drains(mesh: Mesh) -> None:
    owner = subprocess.Popen(["sleep", "600"])
    mesh.start(alone())
    mesh.ask("own", pid=owner.pid)
    mesh.up()
    mesh.replaced("pid")
    owner.kill()
    owner.wait()
    assert mesh.ended() == 0
    assert mesh.events("draining")[0]["reason"] == "the up that started it is gone"
    assert Path(mesh.folders.state).exists()
