from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import orchestrator

MARKET = str(Path(__file__).parents[2] / "topologies/market/topology.yaml")
PAIRS = """\
name: m
nodes: {a: {python: "m:f", replicas: 40, sockets: {x: ROUTER}}}
edges: {e: {bind: a.x, connect: a.x, pairing: others}}
"""


@pytest.mark.parametrize(
    ("flags", "first"),
    [
        ((), "flowchart LR"),
        (("--format", "dot"), 'digraph "market" {'),
        (("--format", "text", "--by", "process", "--set", "bots=2"), "FROM   EDGE    SOCKETS             TO     LINKS"),
    ],
)
def test_a_file_is_drawn(flags: tuple[str, ...], first: str) -> None:
    done = orchestrator("graph", MARKET, *flags)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == first


def test_what_mermaid_would_not_draw_is_said(tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(PAIRS)
    said = orchestrator("graph", str(file), "--by", "process")
    assert said.returncode == 0
    assert said.stderr.startswith("mermaid draws at most 500 arrows")
    assert orchestrator("graph", str(file), "--by", "process", "-q").stderr == ""
    assert orchestrator("graph", str(file)).stderr == ""


def test_mistakes() -> None:
    assert orchestrator("graph", MARKET, "bot").stderr == "bot is no file: it ends in .yaml or .yml, or holds a /\n"
    assert orchestrator("graph", MARKET, "--format", "png").returncode == 2
    done = orchestrator("graph", MARKET, "--profile", "x")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no node has the profile 'x'" in done.stderr
