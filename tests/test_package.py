"""What is installed: the wheel, its metadata, its commands; and that the README's commands are the tested ones."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from configparser import ConfigParser
from email import message_from_string
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from hatchling.build import build_wheel

import orchestrator

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    here = os.getcwd()
    os.chdir(ROOT)
    try:
        return zipfile.ZipFile(folder / build_wheel(str(folder)))
    finally:
        os.chdir(here)


def information(wheel: zipfile.ZipFile, name: str) -> str:
    return wheel.read(f"zmq_orchestrator-{orchestrator.__version__}.dist-info/{name}").decode()


def test_core_dependencies_are_five(wheel: zipfile.ZipFile) -> None:
    required = message_from_string(information(wheel, "METADATA")).get_all("Requires-Dist", [])
    core = {re.split(r"[ ;<>=!~\[]", each)[0].lower() for each in required if "extra ==" not in each}
    assert core == {"pyzmq", "pydantic", "pyyaml", "psutil", "typer"}


def test_version_is_that_of_the_metadata(wheel: zipfile.ZipFile) -> None:
    version = message_from_string(information(wheel, "METADATA"))["Version"]
    said = subprocess.run(
        [sys.executable, "-m", "orchestrator", "--version"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout == f"orchestrator {version}\n"


def test_wheel_holds_the_package_alone_with_its_types_and_licence(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert "orchestrator/py.typed" in names
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"orchestrator"}
    assert information(wheel, "licenses/LICENSE") == (ROOT / "LICENSE").read_text()
    assert message_from_string(information(wheel, "METADATA"))["License-Expression"] == "Apache-2.0"


def test_both_commands_are_the_same_program(wheel: zipfile.ZipFile) -> None:
    points = ConfigParser()
    points.read_string(information(wheel, "entry_points.txt"))
    assert dict(points["console_scripts"]) == {"orch": "orchestrator.cli:main", "orchestrator": "orchestrator.cli:main"}
    assert dict(points["pytest11"]) == {"orchestrator": "orchestrator.pytest_plugin"}


def test_importing_the_package_imports_nothing_else() -> None:
    script = "import sys; before = set(sys.modules); import orchestrator; print(*set(sys.modules) - before)"
    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["orchestrator"]


def test_the_test_extra_holds_what_tests_import() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {
        re.split(r"[<>=]", each)[0].lower()
        for each in project["dependencies"] + project["optional-dependencies"]["test"]
    }
    known = packages_distributions()
    for file in (ROOT / "tests").rglob("*.py"):
        if "benchmarks" in file.parts:
            continue  # they compare with other tools, which the group `dev` holds
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
            for module in {name.split(".")[0] for name in names} & known.keys() - {"orchestrator", "tests"}:
                assert {each.lower() for each in known[module]} & declared, f"{file}: {module}"


# ---- the README's two command lines


def commands() -> list[list[str]]:
    """Give the steps of the command lines that a fresh clone needs: the first to see it run, the second to test it."""
    lines = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)
    return [line.split(" && ") for line in lines]


def test_readme_has_two_command_lines_from_a_fresh_clone() -> None:
    run, test = commands()
    assert run[:2] == ["python3 -m venv .venv", ".venv/bin/pip install -q ."]
    assert test[:2] == ["python3 -m venv .venv", ".venv/bin/pip install -q '.[test]'"]
    assert (len(run), len(test)) == (3, 3)


def test_readme_runs_the_example_that_is_tested() -> None:
    example = re.search(r"^```\n(orchestrator up .*)\n```$", (ROOT / "topologies/market/README.md").read_text(), re.M)
    assert example is not None
    assert commands()[0][-1] == f".venv/bin/{example[1]}"


def test_readme_tests_as_ci_does() -> None:
    script = (ROOT / ".ci" / "run").read_text().splitlines()
    for step in commands()[1]:
        in_ci = re.sub(r"^\.venv(/\S+)", r'"$venv\1"', step).replace("venv .venv", 'venv "$venv"')
        assert in_ci in script
