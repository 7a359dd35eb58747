"""Inputs from public reports, run as their reporters did. Each folder's ``SOURCE`` names what it stems from."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
COMMAND = (sys.executable, "-m", "orchestrator")


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


@dataclass(frozen=True)
class Case:
    """A copy of a case's folder, with run and state folders of its own."""

    folder: Path
    run: Path
    state: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return (
            os.environ
            | {
                "PYTHONPATH": str(ROOT),
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
                "XDG_RUNTIME_DIR": str(self.run),
                "XDG_STATE_HOME": str(self.state),
                "NO_COLOR": "1",
            }
            | self.extra
        )

    def __call__(self, *arguments: str, timeout: float = 60, **options: Any) -> Ended:
        """Run ``orchestrator`` to its end."""
        done = subprocess.run(
            [*COMMAND, *arguments],
            **{"cwd": self.folder, "env": self.environment, "stdin": subprocess.DEVNULL} | options,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def start(self, *arguments: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
        """Start ``orchestrator``, and terminate it where a test fails meanwhile."""
        given = {"cwd": self.folder, "env": self.environment, "stdin": subprocess.DEVNULL} | options
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | given
        with subprocess.Popen([*COMMAND, *arguments], text=True, **pipes) as process:
            try:
                yield process
            except BaseException:
                process.terminate()
                raise

    def json(self, *arguments: str) -> Any:
        """Run a verb that answers in JSON."""
        return json.loads(self(*arguments, "--format", "json").out)


@pytest.fixture
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Case]]:
    """Give copies of cases by their names; what still runs of them in the end is killed."""
    made: list[Case] = []

    def make(name: str, **extra: str) -> Case:
        base = tmp_path_factory.mktemp("c")
        shutil.copytree(HERE / name, base / "w")
        found = Case(base / "w", base / "r", base / "s", extra)
        found.run.mkdir(mode=0o700)
        made.append(found)
        return found

    yield make
    for each in made:
        each("down", "--all", "--now", "-q", cwd=each.run)
