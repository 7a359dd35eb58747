"""A full disk: the mesh goes on, whoever looks is told, and what was known before is known afterwards."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from pathlib import Path

import pytest

from .mesh import Harmed, Make
from .namespaces import needs_namespaces, with_small_disk

pytestmark = [pytest.mark.process, needs_namespaces]


class Full(Harmed):
    """A mesh whose state folder is a small disk."""

    def __init__(self, make: Make) -> None:
        super().__init__(make)
        disk = self.mesh.folder / "state"
        disk.mkdir()
        with (self.mesh.folder / "client.txt").open("wb") as output:
            self.mesh.client = subprocess.Popen(
                with_small_disk(str(disk), "512k", self.mesh.command("up", str(self.mesh.file))),
                cwd=self.mesh.folder,
                env=self.mesh.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self.mesh.until(self.mesh.whole)
        self.disk = Path(f"/proc/{self.mesh.client.pid}/root{disk}")

    def said(self) -> str:
        return (self.mesh.folder / "client.txt").read_text()

    def fill(self) -> None:
        with (self.disk / "filler").open("wb", buffering=0) as file:
            for size in (65536, 1):
                with contextlib.suppress(OSError):
                    while file.write(b"x" * size):
                        pass
        self.mesh.until(lambda: self.problem())

    def free(self) -> None:
        (self.disk / "filler").unlink()
        self.mesh.until(lambda: not self.problem())

    def problem(self) -> str:
        problem: str = self.mesh.ask({"verb": "info"})["problem"]
        return problem

    def log(self) -> list[str]:
        folder = self.disk / "orchestrator" / self.mesh.folders.state.name / "logs"
        return [
            line for path in sorted(folder.glob("source.log*"), reverse=True) for line in path.read_text().split("\n")
        ]


@pytest.fixture
def full(mesh: Make) -> Full:
    return Full(mesh)


def test_the_mesh_goes_on_and_whoever_looks_is_told(full: Full) -> None:
    before = full.mesh.pids()
    full.fill()
    assert "No space left on device" in full.problem()
    full.flows()
    shown = subprocess.run(
        full.mesh.command("ps", "-m", full.mesh.folders.run.name), env=full.mesh.environment, capture_output=True
    )
    assert b"No space left on device: the mesh goes on" in shown.stdout
    full.mesh.until(lambda: "No space left on device: the mesh goes on" in full.said())
    assert full.mesh.pids() == before
    full.free()
    full.mesh.until(lambda: "can be written down again" in full.said())
    full.mesh.until(lambda: any("lines are missing here: No space" in line for line in full.log()))
    full.mesh.down()
    assert full.mesh.client is not None
    assert full.mesh.client.wait(20) == 0, full.said()


@pytest.mark.long
def test_deaths_while_it_is_full_are_known_to_a_successor(full: Full) -> None:
    full.fill()
    before = full.mesh.info()
    for generation in range(2, 12):  # the last page of the journal has some room yet
        os.kill(full.mesh.pids()["sink"] or 0, signal.SIGKILL)
        full.mesh.until(lambda generation=generation: full.mesh.ps()["sink"]["generation"] == generation)
        full.mesh.until(full.mesh.whole)
    pids = full.mesh.pids()
    os.kill(before["pid"], signal.SIGKILL)
    full.mesh.until(lambda: full.mesh.info()["pid"] != before["pid"])
    full.mesh.until(full.mesh.whole)
    assert full.mesh.pids() == pids
    assert full.mesh.ps()["sink"]["generation"] == 11
    full.flows()
    full.free()
    full.mesh.down()
    assert full.mesh.client is not None
    assert full.mesh.client.wait(20) == 0, full.said()
