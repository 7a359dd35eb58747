"""The hook for pre-commit: that its file says what pre-commit takes, and that it works when pre-commit runs it."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
GOOD = """\
nodes:
  a: {command: "true", sockets: {x: PUSH}}
  b: {command: "true", sockets: {x: PULL}}
edges:
  x: {bind: b.x, connect: a.x}
"""


def hooks() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    return found


def test_the_hook_is_complete_and_runs_our_command() -> None:
    [hook] = hooks()
    assert hook["entry"] == "orchestrator validate"
    assert hook["language"] == "python"
    assert hook["id"] in (ROOT / "docs/how-to/validate.md").read_text()


@pytest.mark.parametrize(
    ("file", "meant"),
    [
        ("topology.yaml", True),
        ("deploy/topology.yml", True),
        ("deploy/prod.topology.yaml", True),
        ("base.yaml", False),
        ("my-topology.yaml", False),
        ("topology.yaml.bak", False),
    ],
)
def test_it_runs_on_files_that_are_named_topologies(file: str, meant: bool) -> None:
    from orchestrator.project.discovery import is_topology

    [hook] = hooks()
    assert bool(re.search(hook["files"], file)) is meant
    assert is_topology(Path(file).name) is meant


@pytest.mark.long
@pytest.mark.timeout(900)
def test_pre_commit_runs_it(tmp_path: Path) -> None:
    if importlib.util.find_spec("pre_commit") is None:
        pytest.skip("pre-commit is missing (the group dev has it)")
    if shutil.which("git") is None:
        pytest.skip("git is missing")
    ours = tmp_path / "orchestrator"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "orchestrator", ours / "orchestrator", ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, ours)
    theirs = tmp_path / "theirs"
    (theirs / "deploy").mkdir(parents=True)
    (theirs / "deploy/topology.yaml").write_text(GOOD)
    (theirs / "base.yaml").write_text("not a topology")
    rev = commit(ours)
    config = {"repos": [{"repo": str(ours), "rev": rev, "hooks": [{"id": "orchestrator-validate", "args": ["-q"]}]}]}
    (theirs / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    commit(theirs)

    done = pre_commit(theirs, tmp_path)
    if "No matching distribution" in done.stdout or "Failed to establish a new connection" in done.stdout:
        pytest.skip("pip cannot install what we depend on: there is no package index")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"orchestrator validate\.+Passed", done.stdout)

    (theirs / "deploy/topology.yaml").write_text(GOOD.replace("connect: a.x", "connect: a.y"))
    done = pre_commit(theirs, tmp_path)
    assert done.returncode == 1
    assert "deploy/topology.yaml:5:" in done.stdout
    assert "a has no socket 'y'" in done.stdout


def commit(folder: Path) -> str:
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "All"]):
        git(folder, *arguments)
    return git(folder, "rev-parse", "HEAD").strip()


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=somebody", "-c", "user.email=somebody@localhost", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


def pre_commit(folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHONPATH"))}
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color=never"],
        cwd=folder,
        capture_output=True,
        text=True,
        env=environment | {"PRE_COMMIT_HOME": str(home / "cache")},
    )
