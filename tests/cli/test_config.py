from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import orchestrator

BASE = """\
vars: {n: 2}
nodes:
  a: {python: 'm:f', replicas: '${n}', env_file: secrets.env}
"""


@pytest.fixture
def files(home: Path) -> tuple[str, ...]:
    Path("base.yaml").write_text(BASE)
    Path("over.yaml").write_text("nodes: {a: {kind: job}}")
    Path("secrets.env").write_text("PASSWORD=hunter2")
    return ("-f", "base.yaml", "-f", "over.yaml")


def test_files_together(files: tuple[str, ...]) -> None:
    done = orchestrator("config", *files, "--set", "n=3")
    folder = Path.cwd()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "name: base\n\nnodes:\n  a:\n    python: m:f\n    replicas: 3\n    kind: job\n"
        f"    env_file: [{folder}/secrets.env]\n    restart:\n      policy: never\n"
    )


def test_origins(files: tuple[str, ...]) -> None:
    done = orchestrator("config", *files, "--origins", "--set", "n=3")
    assert "    replicas: 3  # base.yaml:3:32; n is given by --set\n    kind: job  # over.yaml:1:19\n" in done.stdout
    document = json.loads(orchestrator("config", *files, "--origins", "--format", "json").stdout)
    assert document["version"] == 1
    assert document["topology"]["nodes"]["a"]["replicas"] == 2
    assert document["origins"]["nodes.a.replicas"] == "base.yaml:3:32; n is written in base.yaml:1:11"


def test_json_is_the_topology(files: tuple[str, ...]) -> None:
    document = json.loads(orchestrator("config", "base.yaml", "--format", "json").stdout)
    assert list(document) == ["name", "nodes"]


def test_a_mistake_in_one_of_the_files(files: tuple[str, ...]) -> None:
    Path("over.yaml").write_text("nodes: {a: {replicas: many}}")
    done = orchestrator("config", *files)
    assert (done.returncode, done.stdout) == (2, "")
    assert "over.yaml:1:23: error[S012] nodes.a.replicas: 'many' cannot be used" in done.stderr
    assert "written in base.yaml:3:32, overlaid by over.yaml:1:23" in done.stderr


def test_a_file_that_may_be_anything_is_not_shown(home: Path) -> None:
    Path("topology.yaml").write_text("include: .env")
    Path(".env").write_text("PASSWORD=hunter2\n")
    done = orchestrator("config")
    assert done.returncode == 2
    assert ".env:1:1: error[S006] not a topology" in done.stderr
    assert "hunter2" not in done.stderr
    assert "hunter2" not in orchestrator("config", "-f", ".env").stderr
