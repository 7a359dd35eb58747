"""Commands that come between one another, and what depends on what does not come."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import COMMAND, Case

pytestmark = pytest.mark.process

Cases = Callable[..., Case]

SAID = re.compile(
    r"t[12]: (ready|stopped|(stopped|started again) by another command meanwhile)(; \d+\.\d\d s)?|.*: waiting for .*"
)


def raced(case: Case) -> list[tuple[list[str], int, str]]:
    """Let three commands race for two processes; give how each ended, and what it said."""
    verbs = [["restart", "t1"], ["restart", "t*"], ["stop", "t2"]]
    going = [
        subprocess.Popen([*COMMAND, *verb], cwd=case.folder, env=case.environment, stderr=subprocess.PIPE, text=True)
        for verb in verbs
    ]
    return [
        (verb, each.returncode, said)
        for verb, each in zip(verbs, going, strict=True)
        for said in [each.communicate(timeout=60)[1]]
    ]


def race(case: Case, rounds: int) -> None:
    assert case("up", "-d", "-q").status == 0
    for _ in range(rounds):
        for verb, status, said in raced(case):
            lines = said.splitlines()[1:] if "the only one" in said else said.splitlines()
            assert all(map(SAID.fullmatch, lines)), (verb, said)
            assert status == int("by another command" in said), (verb, said)
    assert case("down").status == 0


def test_stop_and_restart_race_and_each_ends(case: Cases) -> None:
    race(case("stop-restart-race"), 2)


@pytest.mark.long
def test_stop_and_restart_race_twenty_times(case: Cases) -> None:
    race(case("stop-restart-race"), 20)


def test_what_waits_for_a_hand_is_not_waited_for(case: Cases) -> None:
    of = case("waits-for-manual")
    up = of("up", "-d")
    assert up.status == 0, up.text
    assert "test waits for trial, which is started by hand" in up.text
    assert of("wait", "--ready").status == 0
    named = of("wait", "--ready", "test")
    assert (named.status, "test: waits for trial, which is started by hand" in named.err) == (1, True)
    test = next(each for each in of.json("ps")["processes"] if each["name"] == "test")
    assert (test["state"], test["waits"]) == ("waiting", "trial, which is started by hand")
    assert of("start", "trial").status == 0
    assert of("wait", "--exit", "test").status == 0
    assert "test | run" in of("logs", "test").out


def test_who_was_not_started_is_told_as_that(case: Cases) -> None:
    of = case("never-started")
    up = of("up", "--for", "1s")
    assert up.status == 1
    assert re.findall(r"^(\w) +! was not started: a failed$", up.text, re.MULTILINE) == ["b", "c"]
    assert "nobody saw" not in up.text
    assert re.search(r"drained +2/2 ", up.text), up.text  # a and log; b and c never ran
    assert "1 clean exit," in up.text
    assert "stopping: " in up.text  # nobody has pressed Ctrl-C
    document = json.loads(of("ps", "-a", "--format", "json").out)
    rows = {each["name"]: each for each in document["processes"]}
    assert (rows["b"]["state"], rows["b"]["generation"], rows["b"]["exit"]) == ("failed", 0, None)
    assert rows["c"]["unstarted"] == "a failed"
    assert "not started: a failed" in of("ps", "-a").out
    told = of("events", "b").out
    assert "not started: a failed" in told
    assert "nobody saw" not in told
    outcome = of("wait", "--exit", "b")
    assert (outcome.status, outcome.err.splitlines()[-1].startswith("b: not started: a failed")) == (1, True)


def test_a_command_that_is_not_there_fails_at_once_and_is_named(case: Cases) -> None:
    of = case("never-started")
    (of.folder / "script").write_text("#!/no/such/interpreter\n")
    (of.folder / "script").chmod(0o755)
    (of.folder / "topology.yaml").write_text(
        "nodes:\n"
        "  bare: {command: no-such-command, restart: always}\n"
        "  script: {command: ./script}\n"
        "  shell: {command: 'sh -c no-such-command'}\n"
        "  denied: {command: ./topology.yaml}\n"
        "  fine: {command: sleep 1000.15}\n"
    )
    up = of("up", "-d", "-q", "--wait-timeout", "30s")
    assert up.status == 1
    of("wait", "--exit", "bare", "script", "shell", "denied")
    rows = {each["name"]: each for each in of.json("ps")["processes"]}
    assert {name: (row["state"], row["restarts"]) for name, row in rows.items()} == {
        "bare": ("failed", 0),
        "script": ("failed", 0),
        "shell": ("failed", 0),
        "denied": ("failed", 0),
        "fine": ("ready", 0),
    }
    assert rows["bare"]["exit"]["reason"] == "cannot run no-such-command: No such file or directory"
    assert "the interpreter that its first line names is not there" in rows["script"]["exit"]["reason"]
    assert "not found" in rows["shell"]["exit"]["reason"]


def test_one_that_is_never_ready_fails_for_good_and_is_named(case: Cases) -> None:
    of = case("never-started")
    # Each attempt lasts longer than the window, in which so no attempt of before is seen.
    (of.folder / "topology.yaml").write_text(
        "nodes:\n"
        "  never: {command: sleep 1000.16, ready: {notify: true, within: 300ms},"
        " restart: {delay: 10ms, window: 100ms, max_attempts: 2}}\n"
        "  fine: {command: sleep 1000.16}\n"
    )
    up = of("up", "-d", "--wait-timeout", "30s")
    assert up.status == 1
    assert "goes on, without never" in up.text
    row = next(each for each in of.json("ps")["processes"] if each["name"] == "never")
    assert (row["state"], row["restarts"]) == ("failed", 2)


def test_connected_counts_what_the_gate_waits_for(case: Cases, tmp_path: Path) -> None:
    of = case("never-started")
    (of.folder / "progs.py").write_text("def run(node):\n    node.stopping.wait()\n")
    (of.folder / "topology.yaml").write_text(
        "nodes:\n"
        "  a: {python: 'progs:run', sockets: {out: PUSH, more: PUSH}}\n"
        "  b: {python: 'progs:run', sockets: {in: PULL}}\n"
        "  c: {command: sleep 1000.17, replicas: 5, sockets: {in: PULL}}\n"
        "edges:\n"
        "  e: {bind: a.out, connect: b.in}\n"
        "  f: {bind: a.more, connect: c.in}\n"
    )
    up = of("up", "-d")
    assert up.status == 0
    assert re.search(r"connected +1/1\n", up.text), up.text
