"""Variables: what ``${...}`` becomes, where it is left to the planner, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestrator.topology.parse.interpolation import Reference, parse
from tests.topology.texts import NODE, problems, topology


def args(text: str, variables: str = "", **given: Any) -> Any:
    return topology(f"vars: {{{variables}}}\n{NODE}    args: {{x: {text}}}\n", **given).nodes["a"].args["x"]


@pytest.mark.parametrize(
    ("text", "variables", "value"),
    [
        ('"${v}"', "v: 24", 24),
        ('"${v}"', "v: [1, {a: b}]", [1, {"a": "b"}]),
        ('"${v}"', "v: 0010", 10),
        ('"${v}"', "v: True", True),
        ('"a${v}b"', "v: 0010", "a0010b"),
        ('"a${v}b"', "v: true", "atrueb"),
        ('"${v}${v}"', "v: 1", "11"),
        ('"${v:-7}"', "", 7),
        ('"${v:-7}"', "v: 8", 8),
        ('"${v:-7}"', "v: ''", 7),
        ('"${v:-}"', "", None),
        ('"a${v:-}b"', "", "ab"),
        ('"${v:-${w}}"', "w: [1]", [1]),
        ('"${v:-a${w:-b}c}"', "", "abc"),
        ('"${v:-a: }{}"', "", "a: {}"),
        ('"${v}"', "v: '${w}', w: '${x}', x: 3", 3),
        ('"${v}"', "v: [\"${w}\", 'a${w}'], w: 3", [3, "a3"]),
        ('"$HOME ready$ $$ {} $x"', "", "$HOME ready$ $$ {} $x"),
        ('"$${v} $$${v}"', "v: 1", "${v} $${v}"),
        ('"\\x24{v}"', "v: 1", 1),
    ],
)
def test_replacement(text: str, variables: str, value: Any) -> None:
    assert args(text, variables) == value


def test_in_a_block_it_needs_no_quotes() -> None:
    assert topology(f"vars: {{n: 3}}\n{NODE}    replicas: ${{n}}\n").nodes["a"].replicas == 3


def test_sets_win_and_stay_as_typed_where_text_is_wanted() -> None:
    text = f"vars: {{v: 1}}\n{NODE}    env: {{X: '${{v}}'}}\n    args: {{x: '${{v}}'}}\n    replicas: ${{v}}\n"
    node = topology(text, sets={"v": "0010"}).nodes["a"]
    assert (node.env["X"], node.args["x"], node.replicas) == ("0010", 10, 10)


def test_sets_need_not_be_declared_when_used() -> None:
    assert args('"${v:-1}"', sets={"v": "2"}) == 2


def test_the_environment() -> None:
    text = f"{NODE}    env: {{X: '${{env.N}}'}}\n    args: {{x: '${{env.N}}', y: '${{env.M:-a}}'}}\n"
    node = topology(text, environ={"N": "1.10"}).nodes["a"]
    assert (node.env["X"], node.args) == ("1.10", {"x": 1.1, "y": "a"})


@pytest.mark.parametrize("text", ["", "null", "~", "0010", "no"])
def test_what_is_typed_is_text_where_text_is_wanted(text: str) -> None:
    found = topology(f"{NODE}    env: {{X: '${{env.N}}', Y: '${{m:-{text}}}'}}\n", environ={"N": text})
    assert found.nodes["a"].env == {"X": text, "Y": text}


def test_what_comes_from_outside_is_not_looked_into() -> None:
    outside = {"N": "${v} ${env.N} ${index}"}
    text = f"vars: {{v: 1}}\n{NODE}    env: {{X: '${{env.N}}'}}\n    interpreter: ${{env.N}}\n"
    node = topology(text, environ=outside).nodes["a"]
    assert node.env["X"] == "${v} ${env.N} $${index}"  # the planner takes the second $ away
    assert node.interpreter == outside["N"]


def test_variables_of_the_process_are_left_for_the_planner() -> None:
    text = f"""
vars: {{where: "/data/${{process}}", plain: "$${{index}}"}}
{NODE}    args: {{seed: "${{index}}", dir: "${{where}}", text: "$${{index}}", again: "${{plain}}"}}
    command: null
    env: {{A: "${{endpoint.s}},${{endpoints.s}}"}}
    working_dir: ${{node}}
    sockets: {{s: {{type: SUB, subscribe: "${{index}}", affinity: "${{index}}"}}}}
edges:
  e: {{bind: a.s, connect: [], endpoint: "tcp://*:560${{index}}"}}
"""
    found = topology(text)
    node = found.nodes["a"]
    assert node.args == {
        "seed": "${index}",
        "dir": "/data/${process}",
        "text": "$${index}",
        "again": "$${index}",
    }
    assert node.env == {"A": "${endpoint.s},${endpoints.s}"}
    assert node.working_dir == str(Path.cwd() / "${node}")
    assert node.sockets["s"].subscribe == ("${index}",)
    assert node.sockets["s"].options == {"affinity": "${index}"}
    assert found.edges["e"].endpoint == "tcp://*:560${index}"


def test_where_the_planner_does_not_look_nothing_stays_escaped() -> None:
    assert topology(f"{NODE}    interpreter: $${{index}}\n").nodes["a"].interpreter == "${index}"


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        (
            "replicas: ${n}",
            "5:15",
            ["there is no variable n", "index, count, node, process, mesh, env.", "n=VALUE"],
        ),
        ("replicas: ${indx}", "5:15", ["there is no variable indx", "expected one, ", "did you mean index?"]),
        ("replicas: ${on}", "5:15", ["there is no variable on", "did you mean one?"]),
        ("replicas: ${none}", "5:15", ["${none} has no value"]),
        ("replicas: ${n:?how many}", "5:15", ["${n}: how many"]),
        ("replicas: ${n:?}", "5:15", ["must be set"]),
        ("replicas: ${env.NN}", "5:15", ["NN is not set in the environment", "${env.NN:-default}"]),
        ("replicas: ${index}", "5:15", ["known only for one process", "endpoint of an edge"]),
        ("replicas: ${via}", "5:15", ["${index} is known only for one process"]),
        ("args: {x: '${index:-3}'}", "5:15", ["always known"]),
        ("args: {x: '${each.a}'}", "5:15", ["${each.a} is known only under `each`"]),
        ("args: {x: '${key}'}", "5:15", ["${key} is known only under `each`"]),
        ("args: {x: '${endpoint.s}'}", "5:15", ["known only once addresses are", "command, env, live or ready"]),
        ("args: {x: '${one'}", "5:15", ["no } closes", "$${"]),
        ("args: {x: '${One}'}", "5:15", ["no variable", "${name:-default}"]),
        ("args: {x: '${}'}", "5:15", ["no variable"]),
        ("args: {x: '${one-3}'}", "5:15", ["no variable"]),
        ("args: {x: '${env}'}", "5:15", ["no variable"]),
        ("args: {x: 'a${list}'}", "5:15", ["${list} is a list", "inside a text"]),
        ("replicas: ${list}", "5:15", ["its variables make it a list"]),
    ],
)
def test_what_is_wrong(text: str, at: str, words: list[str]) -> None:
    declared = "vars: {one: 1, list: [1], none: null, via: '${index}'}\n"
    (problem,) = problems(f"{declared}{NODE}    {text}\n")
    assert f"{problem.line}:{problem.column}" == at
    assert all(word in str(problem) for word in words), str(problem)


def test_a_loop_is_said_once() -> None:
    (problem,) = problems("vars:\n  a: ${b}\n  b: x${c}\n  c: ${a}\nnodes: {}\n")
    assert "a -> b -> c -> a" in problem.message
    assert (problem.line, problem.column) == (4, 6)


@pytest.mark.parametrize(("name", "words"), [("index", "reserved"), ("env", "reserved"), ("Big", "is no name")])
def test_names(name: str, words: str) -> None:
    (problem,) = problems(f"vars: {{{name}: 1}}\n")
    assert words in problem.message
    assert problem.column == 8


def test_a_set_that_nothing_knows() -> None:
    (problem,) = problems("vars: {bots: 1}\n", sets={"bot": "3"})
    assert problem.file == "--set"
    assert "did you mean bots?" in problem.suggestion


def test_a_secret_of_the_environment_is_not_printed() -> None:
    (problem,) = problems(f"{NODE}    replicas: ${{env.SECRET}}\n", environ={"SECRET": "hunter2"})
    assert "hunter2" not in str(problem)


def test_keys_are_not_replaced() -> None:
    assert args("{'${v}': 1}", "v: 1") == {"${v}": 1}


def test_parse() -> None:
    assert parse("a${b:-c}${env.D}$${") == ("a", Reference("", "b", ":-", "c"), Reference("env", "D", "", ""), "${")
    assert parse("") == ("",)
