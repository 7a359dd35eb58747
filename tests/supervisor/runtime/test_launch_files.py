from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.contract import folders, launch, wiring
from orchestrator.contract.env_file import BadEnvFile
from orchestrator.contract.folders import Folders
from orchestrator.contract.keeper_messages import Wanted
from orchestrator.contract.launch import CONTROL_FD, Launch
from orchestrator.contract.wiring import Wiring
from orchestrator.plan.addresses import resolve
from orchestrator.plan.model import LOCAL, Endpoint, Plan, Ready
from orchestrator.supervisor.runtime import launch_files
from tests.support.plans import market, node, plan


@pytest.fixture
def made(tmp_path: Path) -> Folders:
    of = Folders(tmp_path / "r" / "m", tmp_path / "s" / "m")
    folders.make(of)
    return of


def prepared(of: Plan, name: str, made: Folders, generation: int = 1) -> tuple[Launch, Wiring]:
    (made.run / "processes" / name).mkdir(exist_ok=True)
    endpoints = resolve(of.endpoints, made.socket, {})
    path = launch_files.prepare(of, name, generation, endpoints, made)
    order = launch.load(path.read_bytes())
    return order, wiring.load(Path(order.wiring).read_bytes())


def changed(of: Plan, **process: object) -> Plan:
    return replace(of, processes=tuple(replace(each, **process) for each in of.processes))  # type: ignore[arg-type]


def test_a_python_node_is_to_be_forked_with_its_listeners(made: Folders) -> None:
    order, told = prepared(market(), "feed", made, 3)
    assert (order.python, order.command, order.generation) == ("feed:run", (), 3)
    assert order.control == told.control == made.control("feed")
    assert order.listeners == {"feed.ticks": CONTROL_FD + 1}
    assert told.sockets["ticks"].fd == (CONTROL_FD + 1,)
    assert told.control_fd == CONTROL_FD
    assert order.env["ORCHESTRATOR_WIRING"] == order.wiring


def test_numbers_of_descriptors_have_no_gap(made: Folders) -> None:
    of = market(1)
    (socket,) = of.process["feed"].sockets
    named = Endpoint("feed.ticks@1", "fixed", "tcp://eth0:5000", "tcp://host:5000", LOCAL, "feed", "feed", "ticks", 0)
    first = replace(of.process["feed"], sockets=(replace(socket, binds=("feed.ticks@1", "feed.ticks")),))
    of = replace(of, processes=(first, *of.processes[1:]), endpoints=(*of.endpoints, named))
    order, told = prepared(of, "feed", made)
    # The keeper cannot hold what an interface's name stands for.
    assert order.listeners == {"feed.ticks": CONTROL_FD + 1}
    assert told.sockets["ticks"].fd == (None, CONTROL_FD + 1)


@pytest.mark.parametrize(
    "variable",
    [
        *("PYTHONHASHSEED", "LD_PRELOAD", "OMP_NUM_THREADS", "COVERAGE_PROCESS_START", "COV_CORE_SOURCE"),
        *(
            "MALLOC_ARENA_MAX",
            "MALLOC_CONF",
            "GLIBC_TUNABLES",
            "JEMALLOC_CONF",
            "_RJEM_MALLOC_CONF",
            "MIMALLOC_VERBOSE",
        ),
        *("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "MSAN_OPTIONS", "PYDEVD_USE_FRAME_EVAL"),
        *("TZ", "LANG", "LC_ALL"),
    ],
)
def test_what_is_read_at_the_start_makes_a_python_node_execute(made: Folders, variable: str) -> None:
    order, _ = prepared(changed(market(), env={variable: "1"}), "feed", made)
    assert order.command[1:4] == ("-m", "orchestrator.node.host", "feed:run")
    assert order.listeners
    assert order.control


def test_other_variables_do_not(made: Folders) -> None:
    order, _ = prepared(changed(market(), env={"HOME": "/", "ZMQ_X": "1", "XPYTHON": "1"}), "feed", made)
    assert order.command == ()


@pytest.mark.parametrize("inherited", [None, "", "0"])
def test_a_command_writes_unbuffered_unless_it_is_said(
    made: Folders, monkeypatch: pytest.MonkeyPatch, inherited: str | None
) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    if inherited is not None:
        monkeypatch.setenv("PYTHONUNBUFFERED", inherited)
    of = plan(node("tool", library=False))
    assert prepared(of, "tool", made)[0].env.get("PYTHONUNBUFFERED") == (None if inherited is not None else "1")
    written = prepared(changed(of, env={"PYTHONUNBUFFERED": ""}), "tool", made)[0]
    assert written.env["PYTHONUNBUFFERED"] == ""
    (made.run / "of.env").write_text("PYTHONUNBUFFERED=x\n")
    in_file = prepared(changed(of, env_files=(str(made.run / "of.env"),)), "tool", made)[0]
    assert in_file.env["PYTHONUNBUFFERED"] == "x"
    assert "PYTHONUNBUFFERED" not in prepared(market(), "feed", made)[0].env


def test_another_interpreter_executes(made: Folders) -> None:
    of = market(1)
    of = replace(of, nodes=tuple(replace(each, interpreter="/opt/python") for each in of.nodes))
    assert prepared(of, "feed", made)[0].command[0] == "/opt/python"


def test_a_command_without_our_library_inherits_nothing(made: Folders) -> None:
    of = plan(node("tool", library=False, ready=Ready("notify")), node("bot"), edges=("tool.out PUB < bot.in SUB",))
    order, told = prepared(of, "tool", made)
    assert order.command == ("run",)
    assert (order.control, order.listeners, told.control_fd) == ("", {}, None)
    assert order.env["NOTIFY_SOCKET"] == made.notify("tool")


def test_text_for_standard_input_is_a_file(made: Folders) -> None:
    order, _ = prepared(changed(market(), stdin="text\n"), "feed", made)
    assert Path(order.stdin).read_text() == "text\n"
    assert prepared(market(), "feed", made)[0].stdin == ""


def test_what_is_written_is_for_its_user_alone(made: Folders) -> None:
    order, _ = prepared(changed(market(), stdin="secret"), "feed", made)
    files = [Path(order.wiring), Path(order.stdin), made.file("feed", "launch.json")]
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600] * 3


@pytest.mark.parametrize(
    ("address", "can"),
    [
        ("tcp://127.0.0.1:5000", True),
        ("tcp://*:5000", True),
        ("tcp://0.0.0.0:5000", True),
        ("tcp://eth0:5000", False),
        ("tcp://host.lan:5000", False),
        ("tcp://127.0.0.1:*", False),
        ("ipc:///run/a", True),
        ("ipc://@abstract", True),
        ("ipc://*", False),
        ("inproc://a", False),
        ("udp://127.0.0.1:5000", False),
    ],
)
def test_what_the_keeper_can_hold(address: str, can: bool) -> None:
    endpoint = Endpoint("a.b", "fixed", address, address, LOCAL, "a", "a", "b", 1)
    assert launch_files.keepable(endpoint) is can


def test_a_backlog_takes_all_peers_at_once() -> None:
    endpoint = Endpoint("a.b", "tcp", "", "", LOCAL, "a", "a", "b", 500)
    assert launch_files.wanted(endpoint, "", library=True) == Wanted(
        "a.b", "tcp://127.0.0.1:*", backlog=500, reserve=False
    )
    assert launch_files.wanted(replace(endpoint, peers=1), "tcp://127.0.0.1:7", library=False) == Wanted(
        "a.b", "tcp://127.0.0.1:7", backlog=100, reserve=True
    )


def test_variables_of_files_come_before_those_of_the_node(made: Folders, tmp_path: Path) -> None:
    file = tmp_path / "vars"
    file.write_text("A=file\nB=file\nORCHESTRATOR_NODE=file\n")
    of = changed(market(), env_files=(str(file),), env={"A": "node"})
    order, _ = prepared(of, "feed", made)
    assert (order.env["A"], order.env["B"], order.env["ORCHESTRATOR_NODE"]) == ("node", "file", "feed")
    file.write_text("B=new\n")
    order, _ = prepared(of, "feed", made)
    assert order.env["B"] == "new"
    file.unlink()
    with pytest.raises(BadEnvFile):
        prepared(of, "feed", made)


def test_a_variable_in_a_file_that_interpreters_read_needs_a_new_one(made: Folders, tmp_path: Path) -> None:
    (tmp_path / "vars").write_text("PYTHONHASHSEED=1\n")
    order, _ = prepared(changed(market(), env_files=(str(tmp_path / "vars"),)), "feed", made)
    assert order.command[1:4] == ("-m", "orchestrator.node.host", "feed:run")
