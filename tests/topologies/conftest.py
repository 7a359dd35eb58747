from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.topologies.running import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    run = Path(tempfile.mkdtemp(prefix="o"))
    yield Machine(run, tmp_path)
    shutil.rmtree(run)
