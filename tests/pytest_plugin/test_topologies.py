from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GOOD = "nodes: {a: {command: 'true', sockets: {x: PUSH}}, b: {command: 'true', sockets: {x: PULL}}}\n"
EDGE = "edges: {x: {bind: b.x, connect: a.x}}\n"
WARNS = GOOD.replace("PUSH", "{type: PUSH, linger: -1}") + EDGE


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "test_own.py").write_text("def test_own(): ...\n")
    (tmp_path / "good.topology.yaml").write_text(GOOD + EDGE)
    (tmp_path / "deploy/topology.yaml").write_text(GOOD + EDGE.replace("a.x", "a.y"))
    (tmp_path / "part.yaml").write_text("nonsense")
    return tmp_path


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    plugin = ("-p", "orchestrator.pytest_plugin", "-p", "no:cacheprovider")
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
    )


def test_topologies_are_tests_where_that_is_wanted(here: Path) -> None:
    done = pytest_in(here, "--topologies", "-v")
    assert done.returncode == 1
    assert "good.topology.yaml::validate PASSED" in done.stdout
    assert "deploy/topology.yaml::validate FAILED" in done.stdout
    assert "1 failed, 2 passed" in done.stdout
    shown = done.stdout.partition("FAILURES")[2]
    assert "deploy/topology.yaml:2:33: error[" in shown
    assert "    2 | edges: {x: {bind: b.x, connect: a.y}}" in shown
    assert "Traceback" not in shown
    assert "collect.py" not in shown


def test_without_the_flag_they_are_not(here: Path) -> None:
    done = pytest_in(here, "-v")
    assert done.returncode == 0
    assert "1 passed" in done.stdout


def test_one_file_can_be_named(here: Path) -> None:
    assert "1 passed" in pytest_in(here, "--topologies", "good.topology.yaml").stdout


@pytest.mark.long
def test_the_project_has_a_say(here: Path) -> None:
    (here / "deploy/topology.yaml").write_text(WARNS)
    assert pytest_in(here, "--topologies").returncode == 0
    (here / "pyproject.toml").write_text("[tool.orchestrator]\nstrict = true\n")
    assert "Z405" in pytest_in(here, "--topologies").stdout
    (here / "pyproject.toml").write_text('[tool.orchestrator]\nstrict = true\nignore = ["Z405"]\n')
    assert pytest_in(here, "--topologies").returncode == 0
    (here / "pyproject.toml").write_text("[tool.orchestrator]\nstrict = 1\n")
    assert "pyproject.toml: tool.orchestrator.strict: expected true or false" in pytest_in(here, "--topologies").stdout


def test_a_baseline_counts_there_too(here: Path) -> None:
    (here / "warns.topology.yaml").write_text(WARNS)
    command = [sys.executable, "-m", "orchestrator", "validate", "warns.topology.yaml", "--baseline", "old.json"]
    settings = "[tool.orchestrator]\nstrict = true\n"
    (here / "pyproject.toml").write_text(settings)
    assert pytest_in(here, "--topologies", "warns.topology.yaml").returncode == 1
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([*command, "--write-baseline"], cwd=here, env=environ, check=True)
    (here / "pyproject.toml").write_text(f'{settings}baseline = "old.json"\n')
    assert pytest_in(here, "--topologies", "warns.topology.yaml").returncode == 0


def test_a_foreign_run_loads_nothing_of_ours_but_the_two_hooks(here: Path) -> None:
    (here / "test_own.py").write_text(
        "import sys\n"
        "def test_own():\n"
        "    ours = {name for name in sys.modules if name.split('.')[0] == 'orchestrator'}\n"
        "    assert ours == {'orchestrator', 'orchestrator.pytest_plugin'}\n"
        "    assert not sys.modules.keys() & {'pydantic', 'yaml', 'zmq', 'typer', 'psutil'}\n"
    )
    done = pytest_in(here)
    assert done.returncode == 0, done.stdout


def test_the_hooks_load_nothing_that_pytest_does_not() -> None:
    script = (
        "import pytest, sys; old = set(sys.modules)\nimport orchestrator.pytest_plugin; print(*set(sys.modules) - old)"
    )
    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(said.stdout.split()) == {"orchestrator", "orchestrator.pytest_plugin"}
