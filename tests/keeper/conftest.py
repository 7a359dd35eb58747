from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psutil
import pytest

from orchestrator.contract import folders
from orchestrator.contract.folders import Folders

from .bench import Bench
from .meshes import Mesh

NUMBERS = count()


def of_ours(root: Path) -> Iterator[psutil.Process]:
    """Give the living processes that were started below a folder."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            named = [*process.cmdline(), *process.environ().values()]
            if any(text.startswith(f"{root}/") for text in named) and process.status() != psutil.STATUS_ZOMBIE:
                yield process


@pytest.fixture(scope="session")
def root() -> Iterator[Path]:
    """A short path, since the kernel allows a socket's 107 bytes; nobody may live below it when all is over."""
    made = Path(tempfile.mkdtemp(prefix="mesh-"))
    yield made
    left = [f"{process.pid} {' '.join(process.cmdline())}" for process in of_ours(made)]
    for process in of_ours(made):
        process.kill()
    shutil.rmtree(made)
    assert left == []


@pytest.fixture
def home(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of this test's own, where all meshes have theirs."""
    made = root / str(next(NUMBERS))
    made.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(made / "r"))
    monkeypatch.setenv("XDG_STATE_HOME", str(made / "s"))
    return made


@pytest.fixture
def made(home: Path) -> Folders:
    of = folders.of("m")
    folders.make(of)
    return of


@pytest.fixture
def bench(made: Folders) -> Iterator[Bench]:
    with Bench(made) as running:
        yield running


@pytest.fixture
def mesh(made: Folders, home: Path) -> Iterator[Mesh]:
    running = Mesh(made)
    try:
        yield running
    finally:
        # Keeper and supervisor start each other anew, so look until nobody is left.
        while left := list(of_ours(home)):
            for process in left:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        running.close()
