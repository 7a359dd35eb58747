"""What processes may use, and where and how urgently they run, under a real keeper and supervisor."""

from __future__ import annotations

import json
import os
import resource
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchestrator.plan.model import ResourceLimits, Restart
from tests.support.plans import node, plan
from tests.support.waiting import until

from .bench import HERE
from .meshes import Mesh, alone, program, python

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[2]
SCRIPT = f"import sys; sys.path[:0] = [{str(HERE)!r}, {str(ROOT)!r}]; import keeper_programs as k; k.bounds()"


def told(mesh: Mesh, *, command: bool, **bounds: Any) -> dict[str, Any]:
    ran: dict[str, Any] = {"command": python("-c", SCRIPT), "library": False} if command else {"run": "bounds"}
    mesh.start(alone(bounds=ResourceLimits(**bounds) if bounds else None, **ran, restart=Restart("never")))
    until(lambda: mesh.log("one"), why=mesh.text)
    result: dict[str, Any] = json.loads(mesh.log("one")[0])
    return result


@pytest.mark.parametrize("command", [False, True])
def test_bounds_are_those_of_the_process(mesh: Mesh, command: bool) -> None:
    core = max(os.sched_getaffinity(0))
    found = told(mesh, command=command, nofile=200, core=0, cores=(core,), nice=5)
    assert found["nofile"] == 200
    assert found["core"] == 0
    assert found["cores"] == [core]
    assert found["nice"] == 5 + os.getpriority(os.PRIO_PROCESS, 0)


def test_without_bounds_it_has_those_of_the_mesh(mesh: Mesh) -> None:
    found = told(mesh, command=False)
    assert found["cores"] == sorted(os.sched_getaffinity(0))
    assert found["nice"] == os.getpriority(os.PRIO_PROCESS, 0)
    assert found["nofile"] > 200


SOFT, HARD = resource.getrlimit(resource.RLIMIT_NOFILE)


@pytest.mark.parametrize(
    ("command", "transport", "written", "has"),
    [(False, "tcp", None, HARD), (True, "tcp", None, HARD), (False, "ipc", None, SOFT), (False, "tcp", 200, 200)],
)
def test_who_binds_tcp_has_all_the_descriptors_that_it_may_have(
    mesh: Mesh, command: bool, transport: str, written: int | None, has: int
) -> None:
    """Unless its limit is written; and who connects there has what the mesh has."""
    limits = {"bounds": ResourceLimits(nofile=written)} if written else {}
    made = plan(node("one", library=not command, **limits), node("two"), edges=("one.out PUB < two.in SUB",))
    made = program(made, one=python("-c", SCRIPT)) if command else program(made)
    nodes = tuple(replace(each, python=each.python and "keeper_programs:bounds") for each in made.nodes)
    endpoints = tuple(replace(each, transport=transport) for each in made.endpoints)
    mesh.start(replace(made, nodes=nodes, endpoints=endpoints))
    until(lambda: mesh.log("one") and mesh.log("two"), why=mesh.text)
    assert [json.loads(mesh.log(name)[0])["nofile"] for name in ("one", "two")] == [has, SOFT]


def test_a_bound_that_cannot_be_set_is_named(mesh: Mesh) -> None:
    mesh.start(alone("one", bounds=ResourceLimits(cores=(1023,)), restart=Restart("never")))
    until(lambda: mesh.events("exited"), why=mesh.text)
    [ended] = mesh.events("exited")
    assert ended["status"] == 126
    assert ended["reason"] == ["cannot start one: cpu.cores [1023]: Invalid argument"]


def test_a_process_that_grows_beyond_its_memory_is_started_anew(mesh: Mesh, tmp_path: Path) -> None:
    mesh.start(alone("hungry", bounds=ResourceLimits(memory=80 * 2**20), env={"EATEN": str(tmp_path / "eaten")}))
    until(lambda: mesh.log("one")[-1:] == ["fed"], why=mesh.text)
    [killed] = mesh.events("killed")
    assert killed["process"] == "one"
    assert "more than limits.memory, 80 MiB" in killed["text"]
    [ended] = mesh.events("exited")
    assert (ended["status"], ended["will"]) == (-9, "restart")
