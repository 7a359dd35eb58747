"""Each step of the tutorial: its page, followed from the folder of the step before, ends in its own folder."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tutorial.pages import FOLDER, PAGES, ROOT, Reader

QUICK = {3, 6}
"""What a quick run does; the others are long."""

SKIPPED = {"__pycache__", "topology.schema.json"}


def number(page: Path) -> int:
    return int(page.name.partition("-")[0])


def step(number: int) -> Path:
    return FOLDER / f"step-{number}"


def files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if path.is_file() and path.name not in SKIPPED}


@pytest.fixture
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    home = tmp_path_factory.mktemp("t")
    (home / "bin").mkdir()
    command = home / "bin/orchestrator"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m orchestrator "$@"\n')
    command.chmod(0o755)
    for program in ("python", "pytest"):
        (home / "bin" / program).write_text(
            f'#!/bin/sh\nexec {sys.executable} {"" if program == "python" else "-m pytest"} "$@"\n'
        )
        (home / "bin" / program).chmod(0o755)
    left_out = {name for name in os.environ if name.startswith(("ORCHESTRATOR_", "PYTEST_", "COVERAGE_"))}
    environment = {name: value for name, value in os.environ.items() if name not in left_out} | {
        "PATH": f"{home}/bin:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "XDG_RUNTIME_DIR": str(home / "r"),
        "XDG_STATE_HOME": str(home / "s"),
        "NO_COLOR": "1",
        "PLACE": str(home / "place"),
    }
    (home / "work").mkdir()
    yield Reader(home / "work", environment)
    subprocess.run([command, "down", "--all", "--now", "-q"], env=environment, capture_output=True, timeout=60)


@pytest.mark.process
@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=[] if number(page) in QUICK else [pytest.mark.long]) for page in PAGES],
    ids=lambda page: page.stem,
)  # fmt: skip
def test_a_reader_comes_from_each_step_to_the_next(page: Path, reader: Reader) -> None:
    if number(page) > 1:
        shutil.copytree(step(number(page) - 1), reader.here / "desk")
        reader.here /= "desk"
    reader.follow(page)
    for name, text in files(step(number(page))).items():
        assert (reader.here / name).read_text() == text, name
    assert set(files(step(number(page)))) <= {path.name for path in reader.here.iterdir()}


def test_every_step_has_a_page_and_a_folder_and_leads_to_the_next() -> None:
    numbers = [number(page) for page in PAGES]
    assert numbers == list(range(1, len(PAGES) + 1))
    assert {path.name for path in FOLDER.iterdir() if path.is_dir()} == {f"step-{each}" for each in numbers}
    for page, following in itertools.pairwise(PAGES):
        assert re.search(rf"^Next: \[.*\]\({re.escape(following.name)}\)", page.read_text(), re.MULTILINE)
