from __future__ import annotations

import pytest

from tests.support.topologies import node, plan, problems


def test_names_of_processes() -> None:
    made = plan({"one": node(), "many": node(3), "single": node(1), "none": node(0)})
    assert [process.name for process in made.processes] == ["one", "many-0", "many-1", "many-2", "single-0"]
    assert [(p.index, p.count) for p in made.processes] == [(0, 1), (0, 3), (1, 3), (2, 3), (0, 1)]
    assert made.node["none"].processes == ()


def test_names_clash() -> None:
    (problem,) = problems({"bot": node(2), "bot-1": node()})
    assert "bot-1" in problem.message
    assert problem.path == "nodes.bot"


def test_variables_of_the_process() -> None:
    body = {
        "command": ["./x", "--id=${index}/${count}", "${process}"],
        "replicas": 2,
        "args": {"seed": "${index}", "of": ["${count}", {"me": "${node} ${process} ${mesh}"}], "plain": 1.5},
        "env": {"N": "${index}", "HOME2": "$HOME"},
        "working_dir": "/run/${process}",
        "stdin": "hello ${index}\n",
        "sockets": {"x": {"type": "DEALER", "routing_id": "${process}", "linger": "${index}"}},
    }
    process = plan({"bot": body}).processes[1]
    assert process.command == ("./x", "--id=1/2", "bot-1")
    assert process.args == {"seed": 1, "of": [2, {"me": "bot bot-1 mesh"}], "plain": 1.5}
    assert process.env == {"N": "1", "HOME2": "$HOME"}
    assert (process.working_dir, process.stdin) == ("/run/bot-1", "hello 1\n")
    assert process.sockets[0].options == {"routing_id": "bot-1", "linger": 1}


def test_escapes() -> None:
    body = node()
    body["args"] = {"a": "$${index}", "c": "$${endpoint.x}", "d": "$${other}"}
    (process,) = plan({"bot": body}).processes
    assert process.args == {"a": "${index}", "c": "${endpoint.x}", "d": "${other}"}


def test_a_command_is_split_as_a_shell_would() -> None:
    body = {"command": "./x 'a b' --in ${endpoint.x} ${process}", "replicas": 1, "sockets": {"x": "PULL"}}
    made = plan({"bot": body, "a": node(o="PUSH")}, {"e": {"bind": "bot.x", "connect": "a.o"}})
    assert made.process["bot-0"].command == ("./x", "a b", "--in", "${endpoint.x}", "bot-0")
    (problem,) = problems({"bot": {"command": "./x 'a"}})
    assert "quotation" in problem.message


def test_processes_share_what_does_not_differ() -> None:
    body = node(2, x={"type": "SUB", "subscribe": ["a"]})
    body["args"] = {"big": list(range(100))}
    one, other = plan({"bot": body}).processes
    assert one.args is other.args
    assert one.sockets[0].options is other.sockets[0].options


def test_subscriptions_and_bytes() -> None:
    sockets = {
        "all": {"type": "SUB", "subscribe": ""},
        "mine": {"type": "SUB", "subscribe": ["${process}.", {"hex": "ff00"}]},
        "own": {"type": "SUB", "subscribe": []},
        "raw": {"type": "DEALER", "routing_id": {"hex": "00ff"}},
    }
    process = plan({"bot": node(None, **sockets)}).processes[0]
    options = {socket.name: socket.options for socket in process.sockets}
    assert options["all"] == {"subscribe": [""]}
    assert options["mine"] == {"subscribe": ["bot.", {"hex": "ff00"}]}
    assert options["own"] == {"subscribe": []}
    assert options["raw"] == {"routing_id": {"hex": "00ff"}}


def test_options_are_checked_once_filled() -> None:
    (problem,) = problems({"bot": node(3, x={"type": "PUSH", "sndhwm": "-${index}x"})})
    assert problem.path == "nodes.bot.sockets.x.sndhwm"
    assert "bot-0" in problem.message
    assert problem.line > 1


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("./x ${endpoint.y}", "bot has no socket 'y'"),
        ("./x ${endpoint.alone}", "bot.alone has no endpoint"),
        ("./x ${endpoint.two}", "bot.two has 2 endpoints"),
    ],
)
def test_references_that_cannot_be_met(command: str, said: str) -> None:
    nodes = {
        "bot": {"command": command, "sockets": {"alone": "PULL", "two": "SUB"}},
        "feed": node(2, out="PUB"),
    }
    (problem,) = problems(nodes, {"e": {"bind": "feed.out", "connect": "bot.two"}})
    assert said in problem.message
    assert problem.path == "nodes.bot.command"


def test_kinds_of_programs() -> None:
    made = plan(
        {
            "ours": node(),
            "theirs": {"command": "./x"},
            "told": {"command": "./x", "ready": "library"},
            "there": {"python": "m:main", "working_dir": "sub"},
        }
    )
    ready = {n.name: (n.library, n.ready.how) for n in made.nodes}
    assert ready["ours"] == (True, "library")
    assert ready["theirs"] == (False, "listening")
    assert ready["told"] == (True, "library")
    folder = made.process["ours"].working_dir
    assert made.node["there"].search == (f"{folder}/sub", folder)
    assert made.process["there"].working_dir == f"{folder}/sub"


def test_all_problems_are_told_at_once() -> None:
    found = problems(
        {"bot": {"command": "./x ${endpoint.y}"}, "a": node(2, o="PUSH"), "b": node(3, i="PULL")},
        {"e": {"bind": "a.o", "connect": "b.i", "pairing": "same"}},
    )
    assert [problem.path for problem in found] == ["nodes.bot.command", "edges.e.pairing"]
    assert all(problem.code and problem.line > 1 for problem in found)
