"""Many files in one call: what a process takes to start is paid once."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
ROUNDS = 5


def seconds(folder: Path, *arguments: str) -> float:
    """Give the processor time of one call."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "orchestrator", "validate", *arguments]
    subprocess.run(command, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.benchmark
def test_200_files_take_no_more_than_three_times_one(tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    for name in ["one", *(f"many/{number}" for number in range(200))]:
        shutil.copy(ROOT / "topologies/pipeline/topology.yaml", tmp_path / f"{name}.topology.yaml")
    pairs = [(seconds(tmp_path, "one.topology.yaml"), seconds(tmp_path, "many")) for _ in range(ROUNDS)]
    ratio = median(many / one for one, many in pairs)
    print(f"200 files / one: {ratio:.2f} (one {median(one for one, _ in pairs):.3f} s of processor time)")
    assert ratio <= 3
