"""What ``up`` looks at before anything starts: what a plan needs of this machine."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from orchestrator.contract import env_file
from orchestrator.contract.env_file import BadEnvFile
from orchestrator.plan.collector import Diagnostics
from orchestrator.plan.model import LOCAL, Plan, Process, ResourceLimits
from orchestrator.topology.model import Topology

if TYPE_CHECKING:
    from orchestrator.topology.model import Node

INTERPRETER_WITHIN = 20.0
"""Seconds that an interpreter has to import what a node needs."""


def check(topology: Topology, plan: Plan) -> None:
    """Look for folders, interpreters and files of variables. Raise InvalidTopologyError for what cannot start.

    An interpreter that a node names is run, to see whether it has our library.
    """
    found = Diagnostics(topology)
    for node in plan.nodes:
        of = [plan.process[name] for name in node.processes]
        declared = topology.nodes[node.name]
        for key, asked in (("ready", declared.ready), ("live", declared.live)):
            if asked is not None and (asked.http or "").startswith("https:"):
                path = ("nodes", node.name, key, "http")
                found.add("S011", path, "https is not supported yet", "http://, or a command")
        if (host := declared.resources.host) not in (None, LOCAL, *_names()):
            path = ("nodes", node.name, "resources", "host")
            found.add("S012", path, f"{host} is another host", f"{_names()[0]}: a mesh runs on one machine")
        there = _folders(node.name, of, found)
        if node.bounds is not None:
            _bounds(node.name, node.bounds, found)
        _env_files(node.name, topology.nodes[node.name], of, found)
        if node.interpreter and there:
            _interpreter(node.name, node.interpreter, of[0], found)
    found.check()


def _names() -> tuple[str, str]:
    name = os.uname().nodename
    return name, name.partition(".")[0]


def _folders(node: str, of: list[Process], found: Diagnostics) -> bool:
    missing = next((each.working_dir for each in of if not os.path.isdir(each.working_dir)), None)
    if missing is not None:
        found.add("S012", ("nodes", node, "working_dir"), f"{missing} is no folder", "an existing folder")
    return bool(of) and missing is None


def _bounds(node: str, bounds: ResourceLimits, found: Diagnostics) -> None:
    """Look for bounds that this machine or this user does not have."""
    there = os.sched_getaffinity(0)
    if missing := [core for core in bounds.cores if core not in there]:
        path = ("nodes", node, "cpu", "cores")
        found.add("S012", path, f"there is no core {missing[0]} here", f"of {', '.join(map(str, sorted(there)))}")
    if os.geteuid() == 0:
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if bounds.nofile is not None and bounds.nofile > most:
        hint = "raise the hard limit of whoever calls this (ulimit -Hn)"
        found.add("S012", ("nodes", node, "limits", "nofile"), f"{bounds.nofile} is too many", f"at most {most}", hint)
    least = 20 - resource.getrlimit(resource.RLIMIT_NICE)[1]
    if bounds.nice is not None and bounds.nice < min(least, os.getpriority(os.PRIO_PROCESS, 0)):
        hint = "it takes CAP_SYS_NICE, or a limit `nice` (limits.conf(5))"
        found.add("S012", ("nodes", node, "cpu", "nice"), f"{bounds.nice} is not allowed", "", hint)
    if bounds.realtime is not None and bounds.realtime > resource.getrlimit(resource.RLIMIT_RTPRIO)[1]:
        hint = "it takes CAP_SYS_NICE, or a limit `rtprio` (limits.conf(5))"
        found.add("S012", ("nodes", node, "cpu", "realtime"), f"{bounds.realtime} is not allowed", "", hint)


def _env_files(name: str, node: Node, of: list[Process], found: Diagnostics) -> None:
    for number in range(len(node.env_file)):
        for path in dict.fromkeys(each.env_files[number] for each in of):
            try:
                env_file.read([path])
            except BadEnvFile as bad:
                place = f"{bad.path}:{bad.line}" if bad.line else bad.path
                found.add("S001", ("nodes", name, "env_file", number), f"{place}: {bad.why}")
                break


def _interpreter(name: str, interpreter: str, of: Process, found: Diagnostics) -> None:
    path = ("nodes", name, "interpreter")
    environment = os.environ | of.env
    written = os.path.join(of.working_dir, interpreter) if "/" in interpreter else interpreter
    program = shutil.which(written, path=environment.get("PATH"))
    if program is None:
        found.add("S012", path, f"{interpreter} is no program", "a Python interpreter")
    elif reason := _unfit(program, of.working_dir, environment):
        found.add(
            "S012", path, f"{interpreter} cannot run a node: {reason}", "a Python 3.11 or newer with this package"
        )


def _unfit(program: str, folder: str, environment: Mapping[str, str]) -> str:
    """Say why an interpreter cannot run nodes; empty where it can."""
    command = [program, "-c", "import zmq, orchestrator.node.host"]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=INTERPRETER_WITHIN,
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {INTERPRETER_WITHIN:g} s"
    except OSError as error:
        return error.strerror or str(error)
    lines: Iterator[str] = filter(str.strip, reversed(done.stderr.splitlines()))
    return next(lines, f"exit status {done.returncode}").strip() if done.returncode else ""
