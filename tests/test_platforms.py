"""What is not tied to Linux runs without what only Linux, or only Unix, has; ``up`` says that it cannot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

REPORTED_ELSEWHERE = """
import os, select, signal, sys, asyncio, subprocess, tempfile, zoneinfo, zmq, yaml, typer, psutil
sys.platform = "elsewhere"
for module in ("fcntl", "termios", "pwd", "grp", "resource"):
    sys.modules[module] = None
for owner, names in {
    os: ("getuid", "pidfd_open", "fork", "mkfifo", "setsid"),
    signal: ("pidfd_send_signal", "SIGURG", "SIGCHLD", "SIGKILL"),
    select: ("poll", "epoll"),
}.items():
    for name in names:
        delattr(owner, name)
"""


def elsewhere(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", REPORTED_ELSEWHERE + script, *arguments], cwd=ROOT, capture_output=True, text=True
    )


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return elsewhere("from orchestrator.cli import main; main()", *arguments)


def test_plan_runs_elsewhere() -> None:
    said = command("plan", "topologies/market/topology.yaml")
    assert said.returncode == 0, said.stderr
    assert "bot-0 .. bot-23" in said.stdout


def test_validate_and_explain_run_elsewhere() -> None:
    said = command("validate", "--format", "sarif", "topologies")
    assert said.returncode == 0, said.stderr
    assert command("explain", "Z101").stdout.startswith("Z101 incompatible-sockets")


def test_up_elsewhere_says_so_in_a_line() -> None:
    said = command("up", "topologies/market/topology.yaml")
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr == "meshes run on Linux, this is elsewhere; plan works here\n"


def test_a_standalone_node_runs_elsewhere() -> None:
    said = elsewhere("""
from orchestrator.node import Node
context = zmq.Context()
with (
    Node.standalone({"out": {"type": "PUSH", "bind": "inproc://x"}}, context=context) as left,
    Node.standalone({"in": {"type": "PULL", "connect": "inproc://x"}}, context=context) as right,
):
    left.socket("out").send(b"1")
    for message in right.messages("in"):
        print(message.decode())
        right.stop()
""")
    assert (said.returncode, said.stdout) == (0, "1\n"), said.stderr
