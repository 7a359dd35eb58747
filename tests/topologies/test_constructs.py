"""The topologies of topologies/ are fine, the linter says so too, and together they use all of the language."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from orchestrator.plan.build import build
from orchestrator.plan.model import Plan
from orchestrator.topology.load import load
from tests.topologies.constructs import BESIDE_THE_MODEL, NOT_CARRIED_OUT, OF_THE_MODEL, OPTIONAL, known, used
from tests.topologies.programs import ROOT, TOPOLOGIES

FILES = sorted(TOPOLOGIES.glob("*/*.yaml"))
NAMES = sorted(file.parent.name for file in TOPOLOGIES.glob("*/topology.yaml"))
OVERLAYS = {
    "judge/other-python.yaml": ({"python": "python3"}, {}),
    "robot/realtime.yaml": ({}, {}),
    "trading/dev.yaml": ({}, {}),
    "trading/prod.yaml": ({}, {"EXCHANGE_HOST": "192.0.2.7", "USER": "me"}),
}
"""Those to be laid over a topology.yaml, with what they want."""

PARTS = ["trading/risk.yaml", "trading/strategies.yaml", "devices/replay.yaml"]


def planned(*files: str, sets: dict[str, str] | None = None, environ: dict[str, str] | None = None) -> Plan:
    topology = load([TOPOLOGIES / file for file in files], sets or {}, environ or {})
    every = {profile for node in topology.nodes.values() for profile in node.profiles}
    return build(topology, sorted(every))


def test_every_construct_is_used() -> None:
    found: set[str] = set().union(*(used(file) for file in FILES))
    assert sorted(known() - found) == []


def test_constructs_are_told_apart() -> None:
    """A construct that every file uses, or no topology can lack, would be found whatever happens."""
    assert "kind: ring" in used(TOPOLOGIES / "ring/topology.yaml")
    one = used(TOPOLOGIES / "pipeline/topology.yaml")
    assert len(one) < len(known()) / 3
    assert {"Edge.bind", "type: PUSH", "kind: main", "Node.replicas", "Socket, short"} <= one
    assert not {"<<", "each: list", "connect: []", "${index}", "Topology.include"} & one


def test_what_is_left_out_exists() -> None:
    """A construct that is renamed must not stay excused."""
    assert not (OPTIONAL | NOT_CARRIED_OUT | OF_THE_MODEL) & known()
    assert known() >= BESIDE_THE_MODEL


def test_there_are_fifteen_and_every_file_is_tried() -> None:
    assert len(NAMES) == 15
    assert {str(file.relative_to(TOPOLOGIES)) for file in FILES} == {
        *(f"{name}/topology.yaml" for name in NAMES), *OVERLAYS, *PARTS,
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_topology_has_a_plan(name: str) -> None:
    assert planned(f"{name}/topology.yaml").mesh == name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_overlay_has_a_plan(overlay: str) -> None:
    base = f"{overlay.partition('/')[0]}/topology.yaml"
    sets, environ = OVERLAYS[overlay]
    assert planned(base, overlay, sets=sets, environ=environ) != planned(base)


def test_tree_of_a_thousand() -> None:
    plan = planned("tree/topology.yaml")
    assert len(plan.processes) == 1001
    sums = next(edge for edge in plan.edges if edge.name == "sums")
    assert sums.links == 999
    assert max(endpoint.peers for endpoint in plan.endpoints) == 10


def test_trading_in_production_differs_where_it_says() -> None:
    here = planned("trading/topology.yaml")
    there = planned("trading/topology.yaml", "trading/prod.yaml", environ=OVERLAYS["trading/prod.yaml"][1])
    assert {node.name for node in here.nodes} - {node.name for node in there.nodes} == {"reversion"}
    assert len(there.node["momentum"].processes) == 24
    assert there.node["risk"].restart.policy == "always"
    assert {each.address for each in there.endpoints if each.transport == "fixed"} == {
        "tcp://192.0.2.7:7401", "tcp://192.0.2.7:7402",
    }  # fmt: skip
    assert there.process["risk"].env_files == ("/etc/trading/exchange.env",)


@pytest.mark.process
def test_linter_has_nothing_to_warn_of() -> None:
    command = [sys.executable, "-m", "orchestrator", "validate", "--strict", "--offline", str(TOPOLOGIES)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout
    assert "15 files" in said.stdout + said.stderr


@pytest.mark.parametrize("name", NAMES)
def test_names_of_the_page_are_those_of_the_folders(name: str) -> None:
    page = (ROOT / "docs/examples.md").read_text()
    assert f"../topologies/{name}/README.md" in page
    readme = (TOPOLOGIES / name / "README.md").read_text()
    command = re.search(r"^orchestrator up .*?yaml(?= --set|$)", readme, re.M)
    assert command is not None
    assert f"`{command[0]}`" in page


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(TOPOLOGIES)))
def test_first_line_names_the_schema(file: Path) -> None:
    first, *_ = file.read_text().splitlines()
    assert first == "# yaml-language-server: $schema=../../docs/schema/topology.schema.json"
    assert (file.parent / first.partition("=")[2]).is_file()
    assert isinstance(yaml.safe_load(file.read_text()), dict)
