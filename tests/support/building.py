"""What programs in other languages need; a test that lacks it is skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MODULES = Path(os.environ.get("ORCHESTRATOR_TEST_NODE_MODULES", Path(__file__).parents[1] / "programs/node_modules"))


def compiled(source: Path, folder: Path) -> str:
    """Compile a C program with libzmq; give the path of what comes out."""
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("gcc is missing")
    if subprocess.run(
        [compiler, "-E", "-xc", "-"], input="#include <zmq.h>", text=True, capture_output=True
    ).returncode:
        pytest.skip("libzmq's header zmq.h is missing (Debian: libzmq3-dev)")
    program = folder / source.stem
    subprocess.run([compiler, "-Wall", "-Werror", "-o", program, source, "-lzmq"], check=True)
    return str(program)


def node() -> str:
    """Give the path of Node.js, where it and the npm package zeromq are."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is missing")
    if not (MODULES / "zeromq").is_dir():
        pytest.skip(f"{MODULES}: the npm package zeromq is missing (ORCHESTRATOR_TEST_NODE_MODULES is its folder)")
    return found
