"""Checking topologies as ``validate`` does, on a machine that is always the same."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from orchestrator.contract import env_file
from orchestrator.lint.check import ABSENCE_RULES, check
from orchestrator.lint.core.facts import EnvFile, Facts, Program
from orchestrator.plan.partial import plan_partially
from orchestrator.topology.diagnostics.diagnostic import Diagnostic
from orchestrator.topology.errors import InvalidTopologyError
from orchestrator.topology.load import load
from orchestrator.topology.model import Topology

PROGRAMS = frozenset({"sleep", "python", "python3", "node", "sh", "bash"})
"""What is in the PATH of the tests' machine."""


def findings(files: Mapping[str, str], folder: Path) -> list[Diagnostic]:
    """Give all that is found in a topology and the files beside it, whichever layer says it."""
    for name, text in files.items():
        (folder / name).write_text(text)
        os.chmod(folder / name, 0o600 if name.startswith("private") else 0o644)
    told: list[Diagnostic] = []
    try:
        topology = load([folder / "topology.yaml"], {}, {})
    except InvalidTopologyError as found:
        told = found.problems
        if found.understood is None:
            return told
        topology = found.understood
    left = plan_partially(topology, told)
    found_by_rules = check(left.topology, left.plan, facts(topology, files, folder))
    return [
        *left.problems,
        *(one for one in found_by_rules if one.code not in ABSENCE_RULES or not left.edges_dropped_for(one)),
    ]


def facts(topology: Topology, files: Mapping[str, str], folder: Path) -> Facts:
    """Give what is known of the tests' machine."""
    return Facts(
        libzmq=(4, 3, 4),
        has={"curve": True, "draft": False, "ipc": True, "pgm": False, "norm": False, "WS": False},
        ephemeral_ports=(32768, 60999),
        first_free_port=1024,
        open_files=1024,
        journals="tmpfs" if topology.name == "in-memory" else "ext4",
        commands={name: _there(node.command) for name, node in topology.nodes.items() if node.command},
        programs={name: program for name, node in topology.nodes.items() if (program := _program(node.python, folder))},
        env_files={
            file: EnvFile(os.stat(file).st_mode & 0o777, tuple(env_file.read([file])))
            for node in topology.nodes.values()
            for file in node.env_file
            if os.path.exists(file)
        },
    )


def _there(command: str | tuple[str, ...]) -> bool:
    program = command.split()[0] if isinstance(command, str) else command[0]
    return program in PROGRAMS or program.startswith(("./", "/"))


def _program(python: str | None, folder: Path) -> Program | None:
    """Give the module of a node where it lies beside the file; of others nothing is known."""
    file = folder / f"{(python or '').partition(':')[0]}.py"
    return Program(str(file), file.read_text()) if python and file.exists() else None
