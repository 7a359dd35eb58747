from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

import orchestrator as package
from tests.support.waiting import until

from .conftest import command, orchestrator


def test_version(home: Path) -> None:
    done = orchestrator("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"orchestrator {package.__version__}\n", "")


def test_help_names_the_verbs(home: Path) -> None:
    done = orchestrator("--help")
    assert done.returncode == 0
    for verb in ("up", "down", "ps", "logs", "ls", "plan", "--install-completion"):
        assert verb in done.stdout
    panels = [line for line in done.stdout.splitlines() if line.endswith(":") and line[0] != " "]
    assert panels == ["Options:", "Run:", "Inspect:", "Messages:", "Check files:"]


@pytest.mark.parametrize("verb", ["up", "down", "ps", "logs", "ls", "plan"])
def test_each_verb_has_help(home: Path, verb: str) -> None:
    assert orchestrator(verb, "-h").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["up", "--build"], "--build: nothing is built here, programs are started as they are"),
        (["up", "--remove-orphans"], "--remove-orphans: there are none; down stops all that up started"),
        (["down", "-v"], "-v: a mesh has no volumes; its logs stay until the next up"),
        (["up", "bot"], "bot: starting single nodes is not supported yet; a file ends in .yaml or holds a /"),
        (["up", "-d", "--for", "1s"], "--for stays until the time is over, -d leaves at once: choose one"),
        (
            ["up", "--wait-timeout", "1s"],
            "--wait-timeout goes with -d; --for and --timeout bound a run that is watched",
        ),
        (
            ["up", "-d", "--timeout", "1s"],
            "--timeout stays until the time is over, -d leaves at once; --wait-timeout bounds its wait",
        ),
        (["stop"], "stop what? Name processes, or '*' for all; down stops the mesh"),
        (["restart"], "restart what? Name processes, or '*' for all"),
        (["kill", "-s", "NONE", "feed"], "NONE: no such signal; write HUP, SIGHUP or 1"),
        (["wait"], "wait for what? --ready or --exit"),
        (["attach", "shop"], "shop is not running; none runs"),
        (["up"], "no topology.yaml here or in a folder above; name a file, or set ORCHESTRATOR_FILE"),
        (["plan", "bot"], "bot is no file: it ends in .yaml or .yml, or holds a /"),
        (["plan", "x.yaml", "--set", "a"], "--set a: expected NAME=VALUE"),
        (["ps"], "which mesh? none runs; say -m NAME"),
        (["ps", "-m", "shop"], "shop is not running; none runs"),
        (["down", "shop"], "shop is not running; none runs"),
        (["down", "--all", "shop"], "--all needs no names"),
        (["logs", "-m", "shop"], "shop never ran; known: none"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(home: Path, arguments: list[str], said: str) -> None:
    done = orchestrator(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said + "\n")


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["up", "--nonsense"], ["up", "--for", "10"], ["logs", "--tail", "x"]]
)
def test_a_word_that_is_not_known_is_status_2(home: Path, arguments: list[str]) -> None:
    done = orchestrator(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_up_elsewhere_than_on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    from orchestrator.cli.up import up
    from orchestrator.project.errors import UsageError

    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(UsageError, match="meshes run on Linux, this is darwin"):
        up()


def test_help_and_version_import_little(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *command("--version")[1:]], capture_output=True, text=True, timeout=60
    )
    modules = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "orchestrator.client.select_mesh" in modules
    assert not modules & {"zmq", "asyncio", "psutil", "rich", "yaml", "pydantic", "orchestrator.report.text", "socket"}


def test_an_up_that_is_not_understood_leaves_nobody_behind(home: Path) -> None:
    def left() -> list[psutil.Process]:
        return [each for each in psutil.process_iter() if runs_in(each, home)]

    with subprocess.Popen(command("up", "-"), stdin=subprocess.PIPE, stderr=subprocess.PIPE) as reading:
        until(lambda: len(left()) == 3)  # the command, a keeper, a supervisor
        reading.communicate(b"nonsense")
    until(lambda: not left())
    assert orchestrator("up", "--no-such-flag").returncode == 2
    until(lambda: not left())


def runs_in(process: psutil.Process, home: Path) -> bool:
    try:
        return process.environ().get("XDG_RUNTIME_DIR") == str(home / "r") and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def test_completion_of_the_shell(home: Path) -> None:
    done = orchestrator("--show-completion", "bash")
    assert "COMPLETE" in done.stdout or done.returncode in (1, 2)  # older and newer typer ask for the shell differently


def test_processes_and_meshes_are_completed(home: Path) -> None:
    from orchestrator.cli import options

    from .conftest import Mesh

    class Context:
        def __init__(self, mesh: str) -> None:
            self.params = {"mesh": mesh}

    mesh = Mesh("market", "feed", "bot-0", "bot-1", "book")
    assert options.processes(Context("market"), "bo") == ["bot", "book", "bot-0", "bot-1"]  # type: ignore[arg-type]
    with mesh.running():
        assert options.meshes("ma") == ["market"]
    assert options.processes(Context("none"), "") == []  # type: ignore[arg-type]
