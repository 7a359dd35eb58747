"""What GitHub reads: workflows and forms fit its schemas, and run what this repository has."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".github"
WORKFLOWS = sorted(FOLDER.glob("workflows/*.yml"))
FORMS = sorted(set(FOLDER.glob("ISSUE_TEMPLATE/*.yml")) - {FOLDER / "ISSUE_TEMPLATE/config.yml"})


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("github-workflows", WORKFLOWS),
        ("github-issue-forms", FORMS),
        ("github-issue-config", [FOLDER / "ISSUE_TEMPLATE/config.yml"]),
    ],
)
def test_files_fit_their_schema(schema: str, files: list[Path]) -> None:
    assert files
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, files)]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_workflow_that_is_wrong_is_found(tmp_path: Path) -> None:
    (tmp_path / "wrong.yml").write_text(WORKFLOWS[0].read_text().replace("runs-on:", "run-on:"))
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    assert subprocess.run([*command, str(tmp_path / "wrong.yml")], capture_output=True).returncode == 1


def steps() -> list[str]:
    found = [yaml.safe_load(file.read_text()) for file in WORKFLOWS]
    return [step.get("run", "") for each in found for job in each["jobs"].values() for step in job["steps"]]


def test_ci_runs_what_is_run_here() -> None:
    assert ".ci/run" in steps()
    site = (ROOT / "tests/test_site.py").read_text()
    built = next(step for step in steps() if step.startswith("mkdocs"))
    assert all(f'"{word}"' in site for word in built.split())


def test_python_of_ci_is_that_of_the_classifiers() -> None:
    named = set(re.findall(r'python-version: "(\S+)"', "".join(file.read_text() for file in WORKFLOWS)))
    text = (ROOT / "pyproject.toml").read_text()
    assert named == set(re.findall(r"Programming Language :: Python :: (3\.\d+)", text))


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md"])
def test_community_pages_lead_somewhere(name: str) -> None:
    page = FOLDER / name
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (FOLDER / link).exists(), link
