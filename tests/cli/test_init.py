from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import command, orchestrator

ROOT = Path(__file__).parents[2]


@pytest.mark.process
def test_what_it_writes_runs(home: Path) -> None:
    done = orchestrator("init", "my mesh")
    assert (done.returncode, done.stdout) == (0, "")
    wrote = [f"wrote my mesh/{name}" for name in ("topology.yaml", "feed.py", "worker.py", "topology.schema.json")]
    assert done.stderr.splitlines() == [*wrote, "next: cd 'my mesh' && orchestrator up"]

    up = subprocess.Popen(
        command("up"), cwd="my mesh", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )  # fmt: skip
    assert up.stdout is not None
    seen: set[str] = set()
    while len(seen) < 2:
        line = up.stdout.readline()
        assert line, up.communicate()
        if found := re.fullmatch(r"(worker-[01]) \| (AAPL|MSFT) at \d+\.\d\d\n", line):
            seen.add(found[1])
    up.send_signal(2)
    rest, notes = up.communicate(timeout=30)
    assert up.returncode == 0
    assert notes.endswith("my-mesh: stopped, 3 clean exits, 0 restarts\n")
    assert set(re.findall(r"(worker-\d) has received \d+ prices", rest)) == {"worker-0", "worker-1"}


def test_what_it_writes_is_in_order(home: Path) -> None:
    assert orchestrator("init", "--name", "begin").returncode == 0
    assert Path("topology.yaml").read_text().splitlines()[2] == "name: begin"
    for tool in (["check", "--ignore", "D1"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *tool, "--config", str(ROOT / "pyproject.toml"), "feed.py", "worker.py"]
        done = subprocess.run(ruff, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    checked = orchestrator("validate", "--strict")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_editors_find_the_schema_that_the_first_line_names(home: Path) -> None:
    assert orchestrator("init").returncode == 0
    first, *_ = Path("topology.yaml").read_text().splitlines()
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert Path(named).read_text() == orchestrator("schema").stdout


def test_it_overwrites_nothing(home: Path) -> None:
    for name in ("feed.py", "topology.yaml"):
        Path(name).write_text("mine")
    done = orchestrator("init")
    assert done.returncode == 2
    assert done.stderr == (
        "topology.yaml is there already; init overwrites nothing\nfeed.py is there already; init overwrites nothing\n"
    )
    assert sorted(path.name for path in Path().iterdir()) == ["feed.py", "topology.yaml"]
    assert Path("feed.py").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["7"], "'7' is no name of a mesh; --name gives it one\n"),
        (["--name", "No"], "'No' is no name of a mesh\n"),
        (["file"], "file: File exists\n"),
    ],
)
def test_where_it_cannot_write(home: Path, arguments: list[str], said: str) -> None:
    Path("file").write_text("")
    done = orchestrator("init", *arguments)
    assert (done.returncode, done.stderr) == (2, said)
