"""Odd surroundings: folders, streams, locales. A line, the right status, never a traceback."""

from __future__ import annotations

import array
import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import termios
from collections.abc import Callable

import pytest

from tests.support.waiting import until

from .conftest import COMMAND, Case, Ended

pytestmark = pytest.mark.process

Make = Callable[..., Case]

ORCHESTRATOR = " ".join(COMMAND)


def shell(case: Case, line: str, **environment: str) -> Ended:
    """Run a line of a shell, in which ``orchestrator`` is ours."""
    line = line.replace("orchestrator", ORCHESTRATOR)
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=case.folder,
        env=case.environment | environment,
        capture_output=True,
        timeout=60,
    )
    out, err = (text.decode(errors="surrogateescape") for text in (done.stdout, done.stderr))
    assert "Traceback" not in out + err
    return Ended(done.returncode, out, err)


FULL = "standard output cannot be written: No space left on device\n"
CLOSED = "standard output cannot be written: it is closed\n"


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        ("orchestrator up >&-", 0, "stopped, 1 clean exit, 0 restarts\n"),
        pytest.param("orchestrator up --format json >&-", 0, "", marks=pytest.mark.long),
        ("orchestrator up >&- 2>&- <&-", 0, ""),
        ("orchestrator up 2>/dev/full", 0, ""),
        ("orchestrator up >/dev/full", 1, FULL),
        pytest.param("orchestrator up --format json >/dev/full", 1, FULL, marks=pytest.mark.long),
        ("orchestrator ls >&-", 0, "none runs\n"),
        ("orchestrator plan >&-", 1, CLOSED),
        ("orchestrator plan >/dev/full", 1, FULL),
        pytest.param("orchestrator config >/dev/full", 1, FULL, marks=pytest.mark.long),
        pytest.param("orchestrator --help >/dev/full", 1, FULL, marks=pytest.mark.long),
        pytest.param("orchestrator validate --format json >/dev/full", 1, FULL, marks=pytest.mark.long),
        pytest.param("orchestrator plan 2>&- <&-", 0, "", marks=pytest.mark.long),
        ("orchestrator plan --set 2>/dev/full", 2, ""),
        pytest.param("orchestrator ps -m none 2>&-", 2, "", marks=pytest.mark.long),
        ("orchestrator validate - <&-", 2, "standard input cannot be read: Bad file descriptor\n"),
        ("orchestrator up -f - <&-", 2, "standard input cannot be read: Bad file descriptor\n"),
        ("orchestrator schema | true; exit ${PIPESTATUS[0]}", 128 + signal.SIGPIPE, ""),
    ],
)
def test_closed_and_full_streams(case: Make, line: str, status: int, said: str) -> None:
    done = shell(case("closed-stdout"), line)
    assert done.status == status, done.err
    assert done.err.endswith(said)


@pytest.mark.long
def test_a_running_mesh_and_streams_that_are_closed_or_full(case: Make) -> None:
    made = case("closed-stdout")
    (made.folder / "topology.yaml").write_text("nodes: {a: {command: sleep 60}}")
    assert made("up", "-d").status == 0
    for verb in ("ls", "env a", "events --format json"):
        assert shell(made, f"orchestrator {verb} >&-") == Ended(1, "", CLOSED), verb
    for verb in ("ps", "ps --format json", "events"):
        assert shell(made, f"orchestrator {verb} -q >/dev/full") == Ended(1, "", FULL), verb
    assert shell(made, "orchestrator down -q >&-") == Ended(0, "", "")
    assert made("ls").err == "none runs\n"


@pytest.mark.parametrize("verb", ["ps", "up", pytest.param("init", marks=pytest.mark.long)])
def test_a_folder_that_is_gone(case: Make, verb: str) -> None:
    done = shell(case("deleted-folder"), f"mkdir g; cd g; rmdir ../g; orchestrator {verb}")
    why = "the current folder is gone (No such file or directory); change to one that is there\n"
    assert done == Ended(2, "", why)


LATIN = os.fsdecode(b"d\xfcr")


@pytest.mark.long
def test_names_that_are_not_utf8(case: Make) -> None:
    made = case("folder-that-is-not-utf8")
    (made.folder / LATIN).mkdir(mode=0o700)
    (made.folder / LATIN / "topology.yaml").write_text((made.folder / "topology.yaml").read_text())
    there = f"{made.folder}/d\\xfcr"
    why = "is not UTF-8, as all paths and values of a mesh have to be\n"
    assert shell(made, "cd d*r; orchestrator up --name lat") == Ended(2, "", f"{there}: {why}")
    assert shell(made, "orchestrator up d*r/topology.yaml --name lat").err == f"d\\xfcr/topology.yaml: {why}"
    assert shell(made, "cd d*r; orchestrator validate -q").status == 0
    for variable in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME"):
        for verb in ("up", "ps -m a"):
            done = shell(made, f"export {variable}=$(echo $PWD/d*r); orchestrator {verb}")
            assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
            assert f"has a name that is not UTF-8; set {variable}" in done.err


@pytest.fixture(scope="module")
def latin1(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with a Latin-1 locale, for LOCPATH (locale(7))."""
    folder = tmp_path_factory.mktemp("locale")
    made = subprocess.run(["localedef", "-i", "de_DE", "-f", "ISO-8859-1", folder / "de_DE.ISO-8859-1"])
    if made.returncode > 1:
        pytest.skip("no localedef, or no sources of locales")
    return str(folder)


def test_the_text_of_a_topology_is_utf8_in_any_locale(case: Make, latin1: str) -> None:
    made = case("locale-latin1")
    (made.folder / "ü ä").mkdir()
    text = (made.folder / "topology.yaml").read_text("utf-8").replace("/usr/bin/python3", sys.executable)
    (made.folder / "topology.yaml").write_text(text, "utf-8")
    plain = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    printed = [
        sorted(shell(made, "orchestrator up -q", **plain, **locale).out.splitlines())
        for locale in ({"LC_ALL": "C.utf8"}, {"LC_ALL": "C"}, {"LC_ALL": "de_DE.ISO-8859-1", "LOCPATH": latin1})
    ]
    assert printed[0] == printed[1] == printed[2]
    assert [line for line in printed[0] if line.startswith(("py", "show"))] == [
        "py   | grüße 日本 grüße 日本",
        f"show | {'grüße'.encode()} {'grüße'.encode()}",
    ]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("XDG_STATE_HOME", "$PWD/file"),
        ("XDG_RUNTIME_DIR", "relative"),
        ("XDG_RUNTIME_DIR", "$PWD/dangling"),
        *(
            pytest.param(variable, value, marks=pytest.mark.long)
            for variable in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME")
            for value in ("$PWD/file", "$PWD/dangling", "$PWD/loop", "relative", "../relative", "/dev/null", "/proc")
        ),
    ],
)
def test_folders_that_will_not_do_are_named_with_their_variable(case: Make, variable: str, value: str) -> None:
    made = case("raw-errno-of-folders")
    (made.folder / "file").touch()
    (made.folder / "dangling").symlink_to("nowhere")
    (made.folder / "loop").symlink_to("loop")
    done = shell(made, f"{variable}={value} orchestrator up")
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert re.search(f"(is no|Not a|No such|Too many).*; set {variable} to ", done.err), done.err
    if value not in ("$PWD/dangling", "/proc"):  # there is no mesh, but there may be one
        done = shell(made, f"{variable}={value} orchestrator ps -m a")
        assert (done.status, done.err.count("\n"), f"set {variable}" in done.err) == (2, 1, True)
    if value != "/proc":
        done = shell(made, f"{variable}={value} orchestrator doctor")
        assert (done.status, f"set {variable}" in done.out) == (1, True)


@pytest.mark.parametrize("home", ["HOME=/dev/null", "HOME=relative"])
def test_a_home_that_is_none(case: Make, home: str) -> None:
    done = shell(case("raw-errno-of-folders"), f"{home} XDG_STATE_HOME= orchestrator up")
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert "; set XDG_STATE_HOME to " in done.err


def test_folders_that_are_absent_are_made(case: Make) -> None:
    made = case("raw-errno-of-folders")
    line = "XDG_RUNTIME_DIR=$PWD/r/s XDG_STATE_HOME='/proc/self/cwd/a b/c' orchestrator up -q"
    assert shell(made, line) == Ended(0, "a | hi\n", "")
    assert (made.folder / "a b/c/orchestrator").is_dir()


@pytest.mark.long
def test_a_run_folder_with_a_space_is_refused(case: Make) -> None:
    made = case("run-folder-with-space")
    (made.folder / "run dir").mkdir(mode=0o700)
    why = "has a space, which parts the addresses that programs are told; set XDG_RUNTIME_DIR to another folder"
    done = shell(made, 'XDG_RUNTIME_DIR="$PWD/run dir" orchestrator up --timeout 5s')
    assert (done.status, done.out, why in done.err) == (2, "", True)
    done = shell(made, 'unset XDG_RUNTIME_DIR; TMPDIR="$PWD/run dir" orchestrator up --timeout 5s')
    assert (done.status, done.out, why in done.err) == (2, "", True)
    done = shell(made, 'XDG_RUNTIME_DIR="$PWD/run dir" orchestrator doctor')
    assert (done.status, why in done.out) == (1, True)
    without = shell(made, "orchestrator up --timeout 20s -q", XDG_RUNTIME_DIR=str(made.run))
    assert "tool | got x" in without.out


@pytest.mark.parametrize("address", ["ipc:///tmp/a b", "ipc://@a b"])
def test_an_endpoint_with_a_space_is_refused(case: Make, address: str) -> None:
    made = case("run-folder-with-space")
    text = (made.folder / "topology.yaml").read_text()
    (made.folder / "topology.yaml").write_text(text.replace("show.in]", f'show.in], endpoint: "{address}"'))
    for verb in ("validate", "up"):
        done = made(verb)
        assert "holds a space, which stands between the addresses that programs are told" in done.text
        assert done.status == (1 if verb == "validate" else 2)


def test_the_loopback_by_its_name(case: Make) -> None:
    made = case("loopback-by-name")
    text = (made.folder / "topology.yaml").read_text()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (made.folder / "topology.yaml").write_text(text.replace("25573", str(port)))
    assert "Z208" not in made("validate").text
    with made.start("up", "-q", "--timeout", "30s") as going:
        assert going.stdout is not None
        assert going.stdout.readline() == "sub | got A x\n"
        going.send_signal(signal.SIGINT)
        going.communicate(timeout=30)


def test_a_value_over_several_lines(case: Make) -> None:
    made = case("env-file-multiline")
    done = made("up")
    assert done.status == 2
    assert "app.env:1: a quote that ends in a later line" in done.err
    assert "values cannot go over several lines" in done.err
    (made.folder / "app.env").write_text("V_KEY=a\nb\n")
    assert "app.env:2: no '='; a line is NAME=value, and values cannot go over several lines" in made("up").err


NEVER_STOPS = "nodes: {a: {command: [sh, -c, 'while echo 0123456789012345678901234567890123456789; do :; done']}}"


def waiting(pipe: int) -> int:
    """Give the bytes that nobody has read yet (ioctl_tty(2), FIONREAD)."""
    count = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, count)
    return count[0]


@pytest.mark.parametrize("both", [False, True], ids=["stdout", "both"])
def test_ctrl_c_while_nobody_reads(case: Make, both: bool) -> None:
    made = case("closed-stdout")
    (made.folder / "topology.yaml").write_text(NEVER_STOPS)
    reader, writer = os.pipe()
    with made.start("up", stdout=writer, stderr=writer if both else subprocess.PIPE) as going:
        os.close(writer)
        until(lambda: waiting(reader) > 60_000, 40)
        going.send_signal(signal.SIGINT)
        _, said = going.communicate(timeout=50)
        assert going.returncode == 1
        assert both or said.endswith("standard output cannot be written: nobody reads it\n")
    os.close(reader)
    assert made("ls").err == "none runs\n"


@pytest.mark.long
def test_a_time_that_is_over_while_nobody_reads(case: Make) -> None:
    made = case("closed-stdout")
    (made.folder / "topology.yaml").write_text(NEVER_STOPS)
    reader, writer = os.pipe()
    with made.start("up", "--for", "1s", stdout=writer) as going:
        os.close(writer)
        until(lambda: waiting(reader) > 60_000, 40)
        until(lambda: made("ls").err == "none runs\n", 40)  # it has stopped, and waits for who reads
        assert going.poll() is None
        with open(reader, "rb") as all_of_it:
            while all_of_it.read(1 << 16):
                pass
        assert going.wait(30) == 0
        going.communicate()


@pytest.mark.parametrize(
    "verb", ["logs -f", *(pytest.param(verb, marks=pytest.mark.long) for verb in ("attach", "logs"))]
)
def test_ctrl_c_of_other_verbs_while_nobody_reads(case: Make, verb: str) -> None:
    made = case("closed-stdout")
    (made.folder / "topology.yaml").write_text(NEVER_STOPS)
    assert made("up", "-d").status == 0
    reader, writer = os.pipe()
    with made.start(*verb.split(), stdout=writer) as going:
        os.close(writer)
        until(lambda: waiting(reader) > 60_000, 40)
        going.send_signal(signal.SIGINT)
        going.communicate(timeout=30)
        assert going.returncode in (0, 1, 130)
    os.close(reader)
    assert made("ls").out
