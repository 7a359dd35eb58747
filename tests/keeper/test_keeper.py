"""The keeper alone, with the test as its supervisor."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import pytest

from orchestrator.contract import exits, messages
from orchestrator.contract.folders import Folders
from tests.support.waiting import until

from .bench import Bench, inodes, keeper_command
from .meshes import gone

pytestmark = pytest.mark.process

WAIT = ("sleep", "600")


def test_a_process_is_a_session_of_its_own(bench: Bench) -> None:
    pid = bench.start("p", *WAIT)
    until(lambda: os.getsid(pid) == os.getpgid(pid) == pid)
    assert bench.ask("hello")["children"] == [
        {"process": "p", "generation": 1, "pid": pid, "ticks": exits.start_ticks(pid)}
    ]


def test_an_exit_is_told_and_on_disk(bench: Bench) -> None:
    pid = bench.start("p", "sh", "-c", "exit 3")
    told = bench.exited("p")
    assert (told["pid"], os.waitstatus_to_exitcode(told["status"])) == (pid, 3)
    (written,) = exits.read(bench.folders.exits)
    assert {**told} == {"say": "exited", **{name: getattr(written, name) for name in told if name != "say"}}
    assert bench.ask("hello")["children"] == []


def test_an_exit_is_on_disk_before_it_is_told(bench: Bench) -> None:
    # A pipe in the file's place: who writes into it waits for a reader.
    os.mkfifo(bench.folders.exits)
    pid = bench.start("p", *WAIT)
    os.kill(pid, signal.SIGKILL)
    assert bench.quiet(0.3)
    with bench.folders.exits.open("rb") as file:
        assert json.loads(file.read())["process"] == "p"
    assert bench.exited("p")["status"] == signal.SIGKILL


def test_an_exit_is_written_while_nobody_listens(bench: Bench) -> None:
    bench.connection.close()
    bench.connection = bench.connect()
    pid = bench.start("p", *WAIT)
    bench.connection.close()
    os.kill(pid, signal.SIGTERM)
    until(lambda: exits.read(bench.folders.exits))
    assert exits.read(bench.folders.exits)[0].status == signal.SIGTERM
    bench.connection = bench.connect()


def test_a_supervisor_that_does_not_read_holds_nothing_up(bench: Bench) -> None:
    pid = bench.start("p", *WAIT)
    asked = 0
    while select.select([], [bench.connection], [], 0.3)[1]:
        messages.send(bench.connection, {"id": asked, "do": "nothing"})
        asked += 1
    os.kill(pid, signal.SIGKILL)
    soon = time.monotonic() + 2
    until(lambda: exits.read(bench.folders.exits) or time.monotonic() > soon)
    assert exits.read(bench.folders.exits)
    answers = (message["answer"] for _ in count() if "answer" in (message := bench.receive()))
    assert [next(answers) for _ in range(asked)] == list(range(asked))


def test_who_is_left_of_its_group_goes_with_a_process(bench: Bench) -> None:
    bench.start("p", "sh", "-c", "sleep 600 & echo $!; exit 0")
    bench.exited("p")
    grandchild = int(bench.output("p"))
    until(lambda: gone(grandchild))


def test_orphans_that_left_the_group_go_with_the_mesh(bench: Bench) -> None:
    # One that is an orphan of ours already, with a child that becomes one when it is killed.
    script = "import os, subprocess, sys\nos.setsid()\nprint(os.getpid(), subprocess.Popen(['sleep', '600']).pid)\n"
    script += "sys.stdout.flush()\nos.read(0, 1) or __import__('time').sleep(600)\n"
    bench.start("p", "sh", "-c", f'{sys.executable} -c "$0" & exec sleep 600', script)
    until(lambda: bench.output("p").strip())
    orphans = [int(text) for text in bench.output("p").split()]
    bench.ask("hello")
    assert not any(gone(pid) for pid in orphans)
    assert bench.end() == 0
    assert all(gone(pid) for pid in orphans)


@pytest.mark.parametrize("way", ["forked", "executed"])
def test_a_child_has_no_descriptor_but_its_own(bench: Bench, way: str) -> None:
    for name in ("a", "b", "c"):
        address = f"ipc://{bench.folders.run}/{name}"
        assert bench.listen(name, address) == {"addresses": {name: address}, "errors": {}}
    how = {"python": "keeper_programs:one"} if way == "forked" else {}
    pid = bench.start("p", *(() if how else WAIT), listeners=("c", "a"), control=True, **how)
    until(lambda: Path(f"/proc/{pid}/comm").read_text() in ("p\n", "sleep\n"))
    a, _, c = (os.readlink(f"/proc/self/fd/{fd}") for fd in bench.fds)
    assert inodes(pid) & inodes(bench.keeper.pid) == {a, c}
    assert [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in (4, 5)] == [c, a]
    assert os.readlink(f"/proc/{pid}/fd/0") == "/dev/null"
    if not how:  # the loader has a file of its own open until the program runs
        until(lambda: set(os.listdir(f"/proc/{pid}/fd")) == set("012345"))


def test_a_forked_node_is_a_python_program_like_any_other(bench: Bench) -> None:
    pid = bench.start("p", python="keeper_programs:tell", env={"MORE": "x"}, args={})
    bench.exited("p")
    told = json.loads(bench.output("p"))
    assert told["forked"]
    assert told["gc"]
    assert (told["pid"], told["parent"], told["session"]) == (pid, bench.keeper.pid, pid)
    assert told["stdin"] == ""
    assert told["argv"] == ["keeper_programs:tell"]
    assert told["cwd"] == str(Path(__file__).parent)
    assert told["environ"]["MORE"] == "x"


def run_text(bench: Bench, folder: Path, text: str, process: str) -> str:
    """Write a program, run it by this keeper, and give what it printed."""
    (folder / "program.py").write_text(text)
    bench.start(process, python="program:run", search=(str(folder),))
    bench.exited(process)
    return bench.output(process) + bench.output(process, "err")


def test_a_program_is_run_as_it_is_when_it_starts(bench: Bench, tmp_path: Path) -> None:
    for length in range(1, 6):  # Python itself takes a text of the same second and length for the same
        assert (
            run_text(bench, tmp_path, f"def run(node):\n    print('{'x' * length}')\n", f"p{length}")
            == "x" * length + "\n"
        )


def test_a_program_that_was_not_there_is_found_once_it_is(bench: Bench, tmp_path: Path) -> None:
    bench.start("p", python="program:run", search=(str(tmp_path),))
    bench.exited("p")
    assert "no module 'program'" in bench.output("p", "err")
    assert run_text(bench, tmp_path, "def run(node):\n    print('here')\n", "q") == "here\n"


def test_a_program_is_a_module_like_any_other(bench: Bench, tmp_path: Path) -> None:
    text = """
import sys, program

def run(node):
    assert sys.modules[__name__] is program and program.run is run
    print(__name__, __file__, __spec__.name, __spec__.origin == __file__, __package__ == "", __doc__)
"""
    assert run_text(bench, tmp_path, text, "p") == f"program {tmp_path}/program.py program True True None\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def run(node):\n    return 1 is 1\n", "SyntaxWarning"),
        ("def run(node:\n", "SyntaxError"),
        ("\0", "SyntaxError"),
    ],
)
def test_what_is_wrong_with_its_text_a_program_tells_itself(bench: Bench, tmp_path: Path, text: str, said: str) -> None:
    assert said in run_text(bench, tmp_path, text, "p")
    assert said not in bench.text


@pytest.mark.parametrize("way", ["forked", "executed"])
def test_the_environment_is_that_of_up(made: Folders, way: str) -> None:
    with Bench(made, {"PATH": os.environ["PATH"], "OF_UP": "1", "BOTH": "up"}) as bench:
        how = {"python": "keeper_programs:tell"} if way == "forked" else {}
        bench.start("p", *(() if how else ("env",)), env={"BOTH": "file"}, **how)
        bench.exited("p")
        if how:
            found = json.loads(bench.output("p"))["environ"]
        else:
            found = dict(line.split("=", 1) for line in bench.output("p").splitlines())
        assert found.pop("PATH") == os.environ["PATH"]
        assert found.pop("ORCHESTRATOR_WIRING").endswith("wiring.json")
        found.pop("LC_CTYPE", None)  # CPython sets it (PEP 538)
        assert found == {"OF_UP": "1", "BOTH": "file"}


def test_one_process_does_not_see_the_variables_of_another(bench: Bench) -> None:
    bench.start("p", python="keeper_programs:tell", env={"SECRET": "x"})
    bench.exited("p")
    bench.start("q", python="keeper_programs:tell")
    bench.exited("q")
    assert "SECRET" not in json.loads(bench.output("q"))["environ"]


def test_signals_are_as_a_shell_would_start_it(bench: Bench) -> None:
    bench.start("p", "cat", "/proc/self/status")
    bench.exited("p")
    lines = [line.split(":") for line in bench.output("p").splitlines() if line.startswith("Sig")]
    sets = {name: int(mask, 16) for name, mask in lines if "/" not in mask}
    assert sets["SigBlk"] == sets["SigCgt"] == 0
    ignored = {number for number in range(1, 65) if sets["SigIgn"] >> (number - 1) & 1}
    assert not ignored & {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGCHLD, signal.SIGXFSZ}


def test_signals_of_a_forked_node_are_those_of_a_python_program(bench: Bench) -> None:
    bench.start("p", python="keeper_programs:signals")
    bench.exited("p")
    told = json.loads(bench.output("p"))
    assert told == {
        "SIGINT": "default_int_handler", "SIGTERM": "SIG_DFL", "SIGHUP": "SIG_DFL", "SIGCHLD": "SIG_DFL",
        "SIGPIPE": "SIG_IGN", "blocked": [], "wakeup": -1,
    }  # fmt: skip


def test_an_exit_during_a_burst_of_starts_is_told(bench: Bench) -> None:
    bench.order([(f"p{number}", ("true",), "", 1, False, (), {}) for number in range(25)])
    for number in range(25):
        assert bench.exited(f"p{number}")["status"] == 0


def test_a_command_that_is_not_there(bench: Bench) -> None:
    bench.start("p", "no-such-command", "x")
    assert os.waitstatus_to_exitcode(bench.exited("p")["status"]) == 127
    assert bench.output("p", "err") == "cannot run no-such-command: No such file or directory\n"


def test_a_command_that_may_not_be_run(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "script").write_text("#!/bin/sh\n")
    bench.start("p", str(tmp_path / "script"))
    assert os.waitstatus_to_exitcode(bench.exited("p")["status"]) == 127
    assert bench.output("p", "err") == f"cannot run {tmp_path}/script: Permission denied\n"


def test_a_folder_that_is_not_there(bench: Bench) -> None:
    bench.start("p", *WAIT, working_dir="/no/such/folder")
    assert os.waitstatus_to_exitcode(bench.exited("p")["status"]) == 126
    assert "/no/such/folder" in bench.output("p", "err")


def test_a_start_that_cannot_be_is_answered_and_the_others_go_on(bench: Bench) -> None:
    good = ("p", WAIT, "", 1, False, (), {})
    bad = ("q", WAIT, "", 1, False, ("nobody.holds",), {})
    one, other, third = bench.order([good, bad, ("r", *good[1:])])
    assert one["pid"] > 0
    assert "nobody.holds" in other["error"]
    assert {each["process"] for each in bench.ask("hello")["children"]} == {"p", "r"}
    assert third["pid"] > 0


@pytest.mark.parametrize(
    "request_",
    [{"do": "start", "launches": ["/no/such/order"]}, {"do": "dance"}, {"do": "listen"}, {"do": "start"}, {}],
)
def test_a_request_that_is_none_is_answered(bench: Bench, request_: dict[str, object]) -> None:
    messages.send(bench.connection, {"id": 7, **request_})
    answer = bench.receive()
    assert answer["answer"] == 7
    assert answer["error"]
    assert bench.ask("hello")["pid"] == bench.keeper.pid


def test_no_packet_ends_the_keeper(bench: Bench) -> None:
    bench.connection.send(b"no message")
    assert messages.receive(bench.connection) is None
    bench.connection.close()
    bench.connection = bench.connect()
    assert bench.ask("hello")["pid"] == bench.keeper.pid


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_no_signal_meant_for_a_terminal_ends_the_keeper(bench: Bench, number: int) -> None:
    bench.keeper.send_signal(number)
    assert bench.ask("hello")["pid"] == bench.keeper.pid


def test_a_second_keeper_leaves(bench: Bench) -> None:
    pid = bench.start("p", *WAIT)
    second = subprocess.run(keeper_command(bench.folders), capture_output=True, text=True, timeout=20)
    assert (second.returncode, second.stdout) == (75, "keeper: another one keeps this mesh\n")
    assert bench.ask("hello")["children"][0]["pid"] == pid


def test_quit_ends_all(bench: Bench) -> None:
    pid = bench.start("p", *WAIT)
    bench.listen("a", f"ipc://{bench.folders.run}/a")
    assert bench.end() == 0
    assert gone(pid)
    assert not bench.folders.run.exists()
    assert bench.folders.state.exists()


def test_the_last_wish_of_a_dead_supervisor_is_heard(bench: Bench) -> None:
    bench.listen("a", f"ipc://{bench.folders.run}/a")
    bench.stopped()
    messages.send(bench.connection, {"id": 1, "do": "unlisten", "names": ["a"]})
    messages.send(bench.connection, {"id": 2, "do": "quit"})
    bench.connection.close()
    bench.stand_in.kill()
    bench.stand_in.wait()
    bench.keeper.send_signal(signal.SIGCONT)
    assert bench.keeper.wait(20) == 0
    assert bench.text == ""


def test_a_supervisor_that_cannot_run_is_started_again_and_again(bench: Bench) -> None:
    pid = bench.start("p", *WAIT)
    bench.stand_in.kill()
    # There is no plan, so each of them fails.
    until(lambda: bench.text.count("plan.json") >= 3)
    bench.connection.close()
    bench.connection = bench.connect()
    assert bench.ask("hello")["children"][0]["pid"] == pid


# ---- listening sockets


def connect(address: str) -> socket.socket:
    if address.startswith("ipc://"):
        made = socket.socket(socket.AF_UNIX)
        made.connect(address.removeprefix("ipc://"))
    else:
        host, _, port = address.removeprefix("tcp://").rpartition(":")
        made = socket.create_connection((host, int(port)))
    return made


def test_who_connects_before_the_process_starts_waits(bench: Bench) -> None:
    address = f"ipc://{bench.folders.run}/a"
    bench.listen("a", address)
    with connect(address) as client:
        client.send(b"early")
        script = "import socket; s = socket.socket(fileno=4); print(s.accept()[0].recv(9).decode())"
        bench.start("p", sys.executable, "-c", script, listeners=("a",), control=True)
        bench.exited("p")
    assert bench.output("p") == "early\n"


def test_the_kernel_chooses_a_port_and_it_is_kept(bench: Bench) -> None:
    address = bench.listen("a", "tcp://127.0.0.1:*")["addresses"]["a"]
    assert bench.listen("a", "tcp://127.0.0.1:*")["addresses"] == {"a": address}
    connect(address).close()


def test_a_port_can_be_asked_for(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    assert bench.listen("a", address) == {"addresses": {"a": address}, "errors": {}}


@pytest.mark.parametrize("address", ["tcp://*:0", "tcp://0.0.0.0:0", "tcp://[::1]:0"])
def test_an_address_is_given_as_it_was_written(bench: Bench, address: str) -> None:
    answer = bench.listen("a", address)
    if "::1" in address and answer["errors"]:
        pytest.skip("this machine has no IPv6")
    assert answer["addresses"]["a"].rpartition(":")[0] == address.rpartition(":")[0]


def test_a_reserved_port_is_nobody_elses_and_is_not_listened_at(bench: Bench) -> None:
    address = bench.listen("a", "tcp://127.0.0.1:*", reserve=True)["addresses"]["a"]
    with pytest.raises(ConnectionRefusedError):
        connect(address)
    port = int(address.rpartition(":")[2])
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))
    with socket.create_server(("127.0.0.1", port)):
        # Its program may have it: SO_REUSEADDR, as every server sets it.
        connect(address).close()


def test_an_address_that_is_taken_is_named(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        assert bench.listen("a", address) == {"addresses": {}, "errors": {"a": f"{address}: Address already in use"}}


def test_the_socket_file_of_a_dead_one_is_replaced(bench: Bench, home: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(home / "a"))
    assert not bench.listen("a", f"ipc://{home}/a")["errors"]
    connect(f"ipc://{home}/a").close()


@pytest.mark.parametrize("backlog", ["free", "full"])
def test_the_socket_of_a_living_one_is_left_alone(bench: Bench, home: Path, backlog: str) -> None:
    with socket.socket(socket.AF_UNIX) as living, socket.socket(socket.AF_UNIX) as client:
        living.bind(str(home / "a"))
        living.listen(0)
        if backlog == "full":
            client.connect(str(home / "a"))
        assert "in use" in bench.listen("a", f"ipc://{home}/a")["errors"]["a"]
        assert (home / "a").is_socket()


def test_a_file_that_is_no_socket_is_left_alone(bench: Bench, home: Path) -> None:
    (home / "a").write_text("a book")
    assert "in use" in bench.listen("a", f"ipc://{home}/a")["errors"]["a"]
    assert (home / "a").read_text() == "a book"


def test_a_request_that_it_cannot_read_is_answered_with_the_field(bench: Bench) -> None:
    assert bench.ask("dance") == {"error": "unknown request 'dance'"}
    assert bench.ask("start") == {"error": "start: launches: is missing"}
    assert bench.ask("listen", endpoints=[{"name": "a", "address": 7}]) == {
        "error": "listen: endpoints.address: 7 is not text"
    }
    assert bench.ask("hello")["children"] == []


def test_nobody_is_heard_any_more_after_unlisten(bench: Bench, home: Path) -> None:
    tcp = bench.listen("t", "tcp://127.0.0.1:*")["addresses"]["t"]
    bench.listen("a", f"ipc://{home}/a")
    for fd in bench.fds:
        os.close(fd)
    bench.fds.clear()
    assert bench.ask("unlisten", names=["a", "t", "unknown"]) == {}
    assert not (home / "a").exists()
    with pytest.raises(ConnectionRefusedError):
        connect(tcp)


def test_a_new_supervisor_gets_all_that_is_held(bench: Bench) -> None:
    wanted = [
        {"name": f"e{number}", "address": f"ipc://{bench.folders.run}/e{number}", "backlog": 1}
        for number in range(messages.FDS_LIMIT)
    ]
    bench.ask("listen", endpoints=wanted)
    bench.listen("last", f"ipc://{bench.folders.run}/last")
    bench.connection.close()
    bench.connection = bench.connect()
    hello = bench.ask("hello")
    names = [*(each["name"] for each in wanted), "last"]
    assert hello["listeners"] == names
    told = bench.receive(), bench.receive()
    assert [name for each in told for name in each["names"]] == names
    assert len(bench.fds) == 2 * len(names)


def test_what_is_handed_over_is_held(bench: Bench, home: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(home / "a"))
        made.listen()
        messages.send(
            bench.connection,
            {"id": 0, "do": "adopt", "names": ["a"], "addresses": [f"ipc://{home}/a"]},
            (made.fileno(),),
        )
        assert bench.receive() == {"answer": 0}
    connect(f"ipc://{home}/a").close()
    assert bench.ask("hello")["listeners"] == ["a"]
