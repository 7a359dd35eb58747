"""How a callable is found, called and ended."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from orchestrator.contract import codec
from orchestrator.contract.launch import EX_CONFIG
from orchestrator.contract.node_messages import REQUESTS, Expected, Gate
from orchestrator.node import host

HERE = Path(__file__).parent
ROOT = str(HERE.parents[1])

pytestmark = pytest.mark.process


def end(mesh, program, sockets=None, **args):
    node = mesh.start("node", program, sockets or {}, **args)
    try:
        node.gate()
        node.wired()
        node.go()
    except OSError:
        pass
    return node, node.wait()


@pytest.mark.parametrize(
    ("program", "value", "status"),
    [
        ("returns", None, 0),
        ("returns", 3, 3),
        ("returns", True, 0),
        ("returns", "text", 0),
        ("exits", None, 0),
        ("exits", 4, 4),
        ("exits", "a word", 1),
    ],
)
def test_what_the_callable_gives_is_the_exit_status(mesh, program, value, status):
    node, found = end(mesh, f"node_programs:{program}", value=value)
    assert found == status
    assert node.text == ("a word\n" if value == "a word" else "")


@pytest.mark.parametrize("program", ["fails", "fails_async"])
def test_a_traceback_begins_with_the_program(mesh, program):
    node, status = end(mesh, f"node_programs:{program}")
    assert status == 1
    lines = node.text.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert f'node_programs.py", line {lines[1].split()[3].rstrip(",")}, in {program}' in lines[1]
    assert lines[-1] == "ValueError: the sun is up"
    assert "orchestrator" not in node.text


def test_an_unknown_socket_names_the_declared_ones_and_their_place(mesh):
    mesh.listen("link")
    node, status = end(mesh, "node_programs:unknown", {"ticks": {"type": "PULL", "bind": ["link"]}})
    assert status == 1
    assert "UnknownSocketError: node has no socket 'tick'; declared: ticks (topology.yaml:7:9)" in node.text


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (
            "node_nothing:main",
            f"python: node_nothing:main: no module 'node_nothing' in {HERE}; name a module:callable\n",
        ),
        ("node_programs:mian", "node_programs.py has no 'mian'; it has "),
        ("node_programs:NOT_CALLABLE", "is a int, not a callable"),
        ("node_programs:returns", "missing a required argument: 'value'; it is called as returns(node, out, value)"),
    ],
)
def test_what_cannot_be_called_is_said_in_one_line(mesh, program, said):
    node, status = end(mesh, program)
    assert status == EX_CONFIG
    assert said in node.text
    assert node.text.count("\n") == 1


def test_an_import_that_fails_inside_the_module_shows_where(mesh):
    node, status = end(mesh, "node_broken:main")
    assert status == 1
    assert node.text.splitlines()[1].startswith(f'  File "{HERE / "node_broken.py"}", line 1')
    assert node.text.endswith("No module named 'a_module_that_is_not_there'\n")


def test_a_socket_that_cannot_be_made_is_said_in_one_line(mesh):
    node, status = end(mesh, "node_programs:idle", {"out": {"type": "PUSH", "connect": ["tcp://nowhere:x"]}})
    assert status == 2
    assert node.text.startswith("topology.yaml:7:9: node.out: cannot connect to tcp://nowhere:x: ")
    assert node.text.count("\n") == 1


def test_a_callable_may_be_an_attribute_of_a_class(mesh):
    node, status = end(mesh, "node_programs:Program.main")
    assert status == 0
    assert node.result == ["node_programs:Program.main"]


def test_forked_processes_draw_different_numbers(mesh):
    drawn = set()
    for name in ("one", "two"):
        node = mesh.start(name, "node_programs:randoms", {})
        node.gate()
        node.wired()
        node.go()
        assert node.wait() == 0, node.text
        drawn.add(node.result)
    assert len(drawn) == 2


def test_threads_that_still_run_are_waited_for(mesh):
    mesh.listen("link")
    sink = mesh.start("sink", "node_programs:collect", {"in": {"type": "PULL", "bind": ["link"]}})
    source = mesh.start("source", "node_programs:threaded", {"out": {"type": "PUSH", "connect": ["link"]}})
    for process in (sink, source):
        process.gate()
        process.wired()
        process.go()
    assert source.wait() == 0, source.text
    assert sink.drain("in") == 0, sink.text
    assert sink.result == [0]


@pytest.mark.parametrize(
    "command",
    [
        (sys.executable, str(HERE / "node_script.py")),
        (sys.executable, "-m", "orchestrator.node.host", "node_programs:collect", str(HERE)),
    ],
    ids=["script", "module"],
)
@pytest.mark.parametrize("inherit", [True, False], ids=["inherited", "own"])
def test_a_command_takes_its_wiring_from_the_environment(mesh, command, inherit):
    mesh.listen("link")
    env = {"PYTHONPATH": ROOT + os.pathsep + os.environ.get("PYTHONPATH", "")}
    given = {"in": {"type": "PULL", "bind": ["link"]}}
    sink = mesh.start("sink", "", given, command=command, env=env, inherit=inherit)
    source = mesh.start("source", "node_programs:send", {"out": {"type": "PUSH", "connect": ["link"]}}, count=100)
    sink.gate(**{"in": (1,)})
    source.gate(out=(1,))
    for process in (sink, source):
        process.wired()
        process.go()
    assert source.wait() == 0, source.text
    assert sink.drain("in") == 0, sink.text
    assert sink.result == list(range(100))


def test_a_child_makes_no_reader_of_messages_that_its_keeper_has_made() -> None:
    codec._reader.cache_clear()
    host.prepare([])
    made = codec._reader.cache_info().misses
    assert made > 0
    asked = {"do": "gate", "id": 1, "expect": {"out": {"handshakes": 2, "markers": {"a.in.1": "aa"}}}}
    assert codec.decode_one(REQUESTS, "do", "request", asked) == Gate(1, {"out": Expected(2, {"a.in.1": "aa"})})
    assert codec._reader.cache_info().misses == made
