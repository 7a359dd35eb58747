"""What ``down`` says of a mesh that ends, by the files of its run alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.client import follow_down
from orchestrator.client.mesh import Mesh
from orchestrator.client.open_run import opened
from orchestrator.client.run_view import Run
from orchestrator.contract import folders
from orchestrator.control.messages import Event
from orchestrator.plan.build import build
from orchestrator.report.output import PLAIN
from orchestrator.topology.load import load
from tests.report.test_progress import begin, ended


@pytest.fixture
def mesh(home: Path) -> Mesh:
    made = Mesh("market")
    folders.make(made.folders)
    made.folders.events.touch()
    return made


def tell(mesh: Mesh, *events: Event) -> None:
    with mesh.folders.events.open("a") as file:
        file.writelines(json.dumps(event) + "\n" for event in events)


def followed(mesh: Mesh) -> Run:
    """Begin to follow a run that goes on."""
    tell(mesh, begin())
    plan = build(load(["-"], name=mesh.name, stdin="nodes: {a: {command: sleep 1}}"))
    return opened(mesh.folders, plan, PLAIN, known=True, logs=False)


@pytest.mark.parametrize(
    ("drained", "killed", "status"), [(True, False, 0), (False, False, 1), (False, True, 0), (True, True, 0)]
)
def test_it_fails_where_somebody_was_forced_unless_that_was_asked_for(
    mesh: Mesh, drained: bool, killed: bool, status: int
) -> None:
    run = followed(mesh)
    tell(mesh, ended(drained=drained))
    assert follow_down.follow(mesh, run, killed=killed) == status


def test_it_fails_where_a_mesh_is_gone_without_an_end(mesh: Mesh, capfd: pytest.CaptureFixture[str]) -> None:
    assert follow_down.follow(mesh, followed(mesh), killed=False) == 1
    assert capfd.readouterr().err.startswith("market")
