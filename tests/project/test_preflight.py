"""What ``up`` sees before anything starts, and how it ends where nothing has."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli.conftest import orchestrator

from orchestrator.contract import folders

pytestmark = pytest.mark.process

TROUBLES = """\
name: bad
nodes:
  a:
    command: sleep 1000
    working_dir: nowhere
    env_file: [ok.env, bad.env, none.env]
  b: {command: sleep 1000, replicas: 2, env_file: "${process}.env"}
  c: {python: "m:f", interpreter: ./old}
  d: {python: "m:f", interpreter: no-such-python}
  e: {command: sleep 1000, ready: {http: "https://127.0.0.1"}}
"""


def write(text: str) -> None:
    Path("topology.yaml").write_text(text)


def test_what_cannot_start_is_told_before_anything_starts(home: Path) -> None:
    write(TROUBLES)
    Path("ok.env").write_text("A=1\n")
    Path("bad.env").write_text("A=1\nhunter2\n")
    Path("b-0.env").write_text("A=1\n")
    Path("old").write_text("#!/bin/sh\necho first >&2\necho 'No module named zmq' >&2\nexit 1\n")
    Path("old").chmod(0o755)
    done = orchestrator("up")
    here = Path.cwd()
    assert (done.returncode, done.stdout) == (2, "")
    assert [line for line in done.stderr.splitlines() if line.startswith("topology.yaml:")] == [
        f"topology.yaml:5:18: error[S012] nodes.a.working_dir: {here}/nowhere is no folder",
        f"topology.yaml:6:24: error[S001] nodes.a.env_file[1]: {here}/bad.env:2: no '='; "
        "a line is NAME=value, and values cannot go over several lines",
        f"topology.yaml:6:33: error[S001] nodes.a.env_file[2]: {here}/none.env: No such file or directory",
        f"topology.yaml:7:51: error[S001] nodes.b.env_file[0]: {here}/b-1.env: No such file or directory",
        "topology.yaml:8:35: error[S012] nodes.c.interpreter: ./old cannot run a node: No module named zmq",
        "topology.yaml:9:35: error[S012] nodes.d.interpreter: no-such-python is no program",
        "topology.yaml:10:42: error[S011] nodes.e.ready.http: https is not supported yet",
    ]
    assert "hunter2" not in done.stderr
    assert not folders.of("bad").run.exists()
    # Whoever only reads the file runs nothing of it.
    Path("old").write_text("#!/bin/sh\ntouch ran\n")
    assert orchestrator("plan").returncode == 0
    assert not Path("ran").exists()


def test_an_interpreter_that_has_all_is_taken(home: Path) -> None:
    Path("m.py").write_text("def f(node):\n    import sys; print(sys.executable)\n")
    write(f'name: good\nnodes: {{a: {{python: "m:f", kind: main, interpreter: {sys.executable}}}}}\n')
    done = orchestrator("up", "-q")
    assert (done.returncode, done.stdout) == (0, f"a | {sys.executable}\n"), done.stderr


def test_a_core_that_is_not_there_is_told_with_its_place(home: Path) -> None:
    write('name: cores\nnodes: {a: {command: "true", cpu: {cores: [0, 1023]}}}\n')
    done = orchestrator("up")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0].startswith(
        "topology.yaml:2:43: error[S012] nodes.a.cpu.cores: there is no core 1023"
    )


def test_a_time_shorter_than_the_start_stops_once(home: Path) -> None:
    write("name: short\nnodes: {a: {command: sleep 1000}}\n")
    done = orchestrator("up", "--for", "1ms")
    assert done.returncode == 0
    assert done.stderr.count("stopping") == 1


def test_a_program_that_is_not_there_is_no_transient_fault(home: Path) -> None:
    write('name: none\nnodes: {a: {python: "nowhere:main"}}\n')
    done = orchestrator("up")
    assert done.returncode == 1
    told = [line for line in done.stderr.splitlines() if line.startswith("a ! ")]
    assert told[0].startswith("a ! exited with status 78 after ")
    assert told[0].endswith(f": python: nowhere:main: no module 'nowhere' in {Path.cwd()}; name a module:callable")
    assert told[1:] == ["a ! failed for good; more: orchestrator logs a"]


def test_a_file_of_variables_that_is_gone_at_a_restart_is_a_failed_start(home: Path) -> None:
    Path("a.env").write_text("A=1\n")
    write("name: gone\nnodes: {a: {command: rm a.env, env_file: a.env, restart: {policy: always, max_attempts: 1}}}\n")
    done = orchestrator("up")
    assert done.returncode == 1
    assert f"exited with status 126 after 0.0 s: env_file {Path.cwd()}/a.env: No such file or directory" in done.stderr


def test_an_interrupt_while_a_string_is_executed_ends_as_any_other(home: Path) -> None:
    Path("interrupted.py").write_text("""\
from orchestrator import cli
from orchestrator.cli import verbs
verbs.app = lambda *_: lambda: exec("raise KeyboardInterrupt")
cli.main()
""")
    assert subprocess.run([sys.executable, "-m", "interrupted"], capture_output=True).returncode == 130


def test_another_host_is_refused(home: Path) -> None:
    write('name: far\nnodes: {a: {command: "true", kind: main, resources: {host: alpha.lan, gpu: 1}}}\n')
    done = orchestrator("up")
    assert done.returncode == 2
    assert "nodes.a.resources.host: alpha.lan is another host" in done.stderr.splitlines()[0]


@pytest.mark.parametrize("host", ["localhost", os.uname().nodename])
def test_this_host_is_taken(home: Path, host: str) -> None:
    write(f'name: near\nnodes: {{a: {{command: "true", kind: main, resources: {{host: {host}}}}}}}\n')
    assert orchestrator("up", "-q").returncode == 0
