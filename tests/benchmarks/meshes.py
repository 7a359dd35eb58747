"""A mesh in folders of its own, from a topology's text, for as long as a measurement takes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Mesh:
    """A mesh that is up. ``started`` is when its command was called, in seconds of the epoch."""

    def __init__(self, name: str, environment: dict[str, str], state: Path, started: float) -> None:
        self.name, self.environment, self.started = name, environment, started
        self._events = state / "orchestrator" / name / "events.jsonl"

    def event(self, kind: str) -> dict[str, Any]:
        """Give the first event of a kind. Raise LookupError."""
        for line in self._events.read_text().splitlines():
            event: dict[str, Any] = json.loads(line)
            if event["event"] == kind:
                return event
        raise LookupError(kind)

    def status(self) -> dict[str, Any]:
        """Give the document of ``ps``."""
        done = subprocess.run(
            [*orchestrator(), "ps", "-m", self.name, "--format", "json"],
            env=self.environment,
            check=True,
            capture_output=True,
        )
        document: dict[str, Any] = json.loads(done.stdout)
        return document


def orchestrator() -> list[str]:
    """Give the command of this checkout."""
    return [sys.executable, "-m", "orchestrator"]


@contextmanager
def running(folder: Path, text: str, name: str) -> Iterator[Mesh]:
    """Bring a mesh up, detached, and take it down at the end."""
    file = folder / f"{name}.topology.yaml"
    file.write_text(text)
    # Run folders are on tmpfs wherever XDG_RUNTIME_DIR is set by the system.
    run = Path(tempfile.mkdtemp(prefix="b", dir="/dev/shm"))
    state = folder / "s"
    environment = os.environ | {"XDG_RUNTIME_DIR": str(run), "XDG_STATE_HOME": str(state), "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package is compiled
    started = time.time()
    try:
        subprocess.run(
            [*orchestrator(), "up", "-d", "-q", str(file)], env=environment, check=True, stdout=subprocess.DEVNULL
        )
        yield Mesh(name, environment, state, started)
    finally:
        subprocess.run([*orchestrator(), "down", "--now", "-q", "-m", name], env=environment, capture_output=True)
        while (run / "orchestrator" / name).exists():  # its keeper removes it at the very end
            time.sleep(0.01)
        shutil.rmtree(run)
