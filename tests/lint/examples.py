"""Checking topologies as ``validate`` does, on a machine that is always the same."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from orchestrator.contract import env_file
from orchestrator.lint import EnvFile, Facts, Program, check
from orchestrator.plan.build import build
from orchestrator.plan.model import Plan
from orchestrator.topology import references
from orchestrator.topology.load import load
from orchestrator.topology.model import Topology
from orchestrator.topology.problems import Problem, Problems

PROGRAMS = frozenset({"sleep", "python", "python3", "node"})
"""What is in the PATH of the tests' machine."""


SAID_TWICE = frozenset({"S030", "S033", "S012", "S014", "Z101"})
"""What the schema and the plan say of references, and rules say too."""


def findings(files: Mapping[str, str], folder: Path) -> list[Problem]:
    """Give all that is found in a topology and the files beside it, whichever layer says it."""
    for name, text in files.items():
        (folder / name).write_text(text)
        os.chmod(folder / name, 0o600 if name.startswith("private") else 0o644)
    topology, problems = _loaded(folder / "topology.yaml")
    if topology is None:
        return problems
    plan, left_out = _planned(topology)
    return [*left_out, *check(topology, plan, facts(topology, files, folder))]


def facts(topology: Topology, files: Mapping[str, str], folder: Path) -> Facts:
    """Give what is known of the tests' machine."""
    return Facts(
        libzmq=(4, 3, 4),
        has={"curve": True, "draft": False, "ipc": True, "pgm": False, "norm": False, "WS": False},
        ephemeral_ports=(32768, 60999),
        first_free_port=1024,
        open_files=1024,
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


def _loaded(file: Path) -> tuple[Topology | None, list[Problem]]:
    """Load without what the schema says of references, where rules say the same: then the rules get to see it."""
    try:
        return load([file], {}, {}), []
    except Problems as found:
        told = found.problems
    if not {problem.code for problem in told} <= SAID_TWICE:
        return None, told
    kept = references.check
    references.check = lambda *_: None  # type: ignore[assignment]
    try:
        return load([file], {}, {}), []
    except Problems:
        return None, told
    finally:
        references.check = kept


def _planned(topology: Topology) -> tuple[Plan, list[Problem]]:
    """Plan what can be planned: what is wrong is left out, and said."""
    said: list[Problem] = []
    while True:
        try:
            return build(topology), said
        except Problems as found:
            said += found.problems
            topology = _without(topology, found.problems)
        except KeyError:  # a reference that the schema would have refused
            topology = topology.model_copy(update={"edges": {}})


def _without(topology: Topology, problems: list[Problem]) -> Topology:
    paths = [problem.path.split(".") for problem in problems]
    edges = {path[1] for path in paths if path[0] == "edges"}
    nodes = {path[1] for path in paths if path[0] == "nodes"}
    kept = {
        name: edge
        for name, edge in topology.edges.items()
        if name not in edges and not any(end.partition(".")[0] in nodes for end in (*edge.bind, *edge.connect))
    }
    return topology.model_copy(
        update={"edges": kept, "nodes": {name: node for name, node in topology.nodes.items() if name not in nodes}}
    )
