"""Several files: include, overlays, templates; what is laid over what, where it stands, and what is wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from orchestrator.topology.diagnostics.diagnostic import Diagnostic
from orchestrator.topology.errors import InvalidTopologyError
from orchestrator.topology.load import load
from orchestrator.topology.merge.overlay import merge
from orchestrator.topology.model import Pairing, Topology
from orchestrator.topology.parse.document import Document, read
from orchestrator.topology.parse.position import Position
from tests.support.documents import as_yaml, documents
from tests.topology.texts import DATA, TOPOLOGIES

NODES = "nodes:\n  a: {python: 'a:main', replicas: 2, sockets: {s: PUSH}}\n  b: {command: ./b, sockets: {s: PULL}}\n"
EDGES = "edges:\n  e: {bind: b.s, connect: a.s, transport: tcp}\n"
BASE = f"name: base\n{NODES}{EDGES}"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(files: dict[str, str | bytes]) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(text.encode() if isinstance(text, str) else text)


def overlaid(over: str, base: str = BASE, **given: Any) -> Topology:
    write({"base.yaml": base, "over.yaml": over})
    return load(["base.yaml", "over.yaml"], **given)


def wrong(*files: str, **given: Any) -> list[Diagnostic]:
    with pytest.raises(InvalidTopologyError) as raised:
        load(files, **given)
    return raised.value.problems


def values(topology: Topology) -> dict[str, Any]:
    return topology.model_dump(exclude={"files"})


# ---- overlays


@pytest.mark.parametrize(
    ("over", "path", "value"),
    [
        ("nodes: {a: {replicas: 5}}", "a.replicas", 5),
        ("nodes: {a: {replicas: null}}", "a.replicas", None),
        ("nodes: {a: {each: [x, y]}}", "a.replicas", None),
        ("nodes: {a: {each: [x, y]}}", "a.each", {"x": "x", "y": "y"}),
        ("nodes: {a: {command: ./a}}", "a.python", None),
        ("nodes: {a: {command: [./a]}}", "a.command", ("./a",)),
        ("nodes: {b: {python: 'b:main'}}", "b.command", None),
        ("nodes: {a: {external: true}}\nedges: {e: {endpoint: 'tcp://x:1'}}", "a.python", None),
        ("nodes: {a: {external: true}}\nedges: {e: {endpoint: 'tcp://x:1'}}", "a.replicas", None),
        ("nodes: {a: {external: false}}", "a.python", "a:main"),
        ("nodes: {a: {sockets: {s: {sndhwm: 7}}}}", "a.sockets.s.options", {"sndhwm": 7}),
        ("nodes: {a: {sockets: {s: {sndhwm: 7}}}}", "a.sockets.s.type", "PUSH"),
        ("nodes: {a: {sockets: {t: PUB}}}", "a.sockets.t.type", "PUB"),
        ("nodes: {a: {env: {A: 1}}}", "a.env", {"A": "1"}),
        ("nodes: {c: {python: 'c:main'}}", "c.python", "c:main"),
        ("{}", "a.replicas", 2),
        ("", "a.replicas", 2),
        ("# nothing", "a.replicas", 2),
    ],
)
def test_overlays(over: str, path: str, value: Any) -> None:
    name, *steps = path.split(".")
    found: Any = overlaid(over).nodes[name]
    for step in steps:
        found = found[step] if isinstance(found, dict) else getattr(found, step)
    assert found == value


NODE = "nodes:\n  a:\n    python: a:main\n"


@pytest.mark.parametrize(
    ("lower", "upper", "value"),
    [
        ("restart: always", "restart: {delay: 1s}", "restart: {policy: always, delay: 1s}"),
        ("restart: {policy: always, delay: 1s}", "restart: never", "restart: {policy: never, delay: 1s}"),
        ("restart: {delay: 1s}", "restart: null", ""),
        ("restart: {policy: always, delay: 1s}", "restart: {delay: null}", "restart: always"),
        ("ready: notify", "ready: {within: 5s}", "ready: {notify: true, within: 5s}"),
        ("ready: {notify: true, within: 5s}", "ready: library", "ready: {library: true, within: 5s}"),
        ("ready: {log: up, interval: 2s}", "ready: {http: 'http://x'}", "ready: {http: 'http://x', interval: 2s}"),
        ("live: {command: x, retries: 2}", "live: {http: 'http://x'}", "live: {http: 'http://x', retries: 2}"),
        ("depends_on: b", "depends_on: [c]", "depends_on: [b, c]"),
        ("depends_on: [b, c]", "depends_on: {c: started}", "depends_on: {b: ready, c: started}"),
        ("depends_on: [b, c]", "depends_on: {c: null}", "depends_on: b"),
        ("depends_on: [b]", "depends_on: []", "depends_on: b"),
        ("profiles: [x, y]", "profiles: z", "profiles: z"),
        ("args: {a: {b: 1, c: 2}, d: [1, 2]}", "args: {a: {c: 3}, d: [3]}", "args: {a: {b: 1, c: 3}, d: [3]}"),
        ("args: {a: {b: 1, c: 2}}", "args: {a: {c: null, d: null}}", "args: {a: {b: 1, d: null}}"),
        ("args: {a: 1}", "args: {a: null}", ""),
        ("args: {a: {b: 1}}", "args: {a: 3}", "args: {a: 3}"),
        ("args: {a: PUB}", "args: {a: {b: 1}}", "args: {a: {b: 1}}"),
        ("each: [x]", "each: {x: {y: 1}}", "each: {x: {y: 1}}"),
        ("each: {x: {y: 1}, z: 1}", "each: {x: {w: 2}, z: null}", "each: {x: {y: 1, w: 2}}"),
        ("limits: {nofile: 5, core: 0}", "limits: {nofile: 6}", "limits: {nofile: 6, core: 0}"),
        ("sockets: {s: {type: SUB, subscribe: [a]}}", "sockets: {s: PUB}", "sockets: {s: {type: PUB, subscribe: [a]}}"),
        ("sockets: {s: SUB}", "sockets: {s: {subscribe: null, rcvhwm: 1}}", "sockets: {s: {type: SUB, rcvhwm: 1}}"),
        ("sockets: {s: SUB}", "sockets: {s: null, t: PUB}", "sockets: {t: PUB}"),
    ],
)  # fmt: skip
def test_parts_of_nodes(lower: str, upper: str, value: str) -> None:
    others = "  b: {command: x}\n  c: {command: x}\n"
    over = f"nodes: {{a: {{{upper}}}}}"
    write({"one.yaml": f"name: base\n{NODE}    {value}\n{others}"})
    if "subscribe: [a]}}" in value and "PUB" in value:
        write({"base.yaml": f"name: base\n{NODE}    {lower}\n{others}", "over.yaml": over})
        assert [problem.message for problem in wrong("base.yaml", "over.yaml")] == ["PUB sockets do not subscribe"]
    else:
        assert values(overlaid(over, f"name: base\n{NODE}    {lower}\n{others}")) == values(load(["one.yaml"]))


@pytest.mark.parametrize(
    ("lower", "upper", "transport", "endpoint", "pairing"),
    [
        ("transport: tcp", "endpoint: 'tcp://*:1'", "auto", "tcp://*:1", None),
        ("endpoint: 'tcp://*:1'", "transport: ipc", "ipc", None, None),
        ("pairing: {kind: tree, arity: 3}", "pairing: ring", "auto", None, Pairing(kind="ring")),
        ("pairing: {kind: tree, arity: 3}", "pairing: {arity: 4}", "auto", None, Pairing(kind="tree", arity=4)),
        ("pairing: tree", "pairing: {arity: 4}", "auto", None, Pairing(kind="tree", arity=4)),
        ("pairing: {kind: tree, arity: 3}", "pairing: tree", "auto", None, Pairing(kind="tree", arity=3)),
        ("delivery: plain", "transport: tcp", "tcp", None, None),
    ],
)
def test_parts_of_edges(lower: str, upper: str, transport: str, endpoint: str | None, pairing: Pairing | None) -> None:
    base = f"name: base\n{NODES}edges: {{e: {{bind: b.s, connect: a.s, {lower}}}}}"
    edge = overlaid(f"edges: {{e: {{{upper}}}}}", base).edges["e"]
    assert (edge.transport, edge.endpoint, edge.pairing) == (transport, endpoint, pairing)


def test_what_an_overlay_removes_takes_no_default() -> None:
    base = f"name: base\ndefaults: {{node: {{stop: {{grace: 3s}}}}}}\n{NODE}    stop: {{drain: false}}\n"
    assert overlaid("nodes: {a: {stop: null}}", base).nodes["a"].stop.grace == 10.0
    assert overlaid("nodes: {a: {stop: {drain: null}}}", base).nodes["a"].stop.grace == 3.0


def test_variables_are_replaced_after_all_is_merged() -> None:
    base = f"name: base\nvars: {{n: 2, list: {{x: 1, y: 2}}}}\n{NODE}    replicas: ${{n}}\n    args: ${{list}}\n"
    node = overlaid("vars: {n: 7, list: {y: null, z: '${n}'}}", base).nodes["a"]
    assert (node.replicas, node.args) == (7, {"x": 1, "z": 7})


def test_the_name_is_that_of_the_first_file() -> None:
    write({"some.topology.yaml": NODES, "prod.yaml": "nodes: {a: {replicas: 1}}", "named.yaml": "name: named"})
    assert load(["some.topology.yaml", "prod.yaml"]).name == "some"
    assert load(["some.topology.yaml", "named.yaml"]).name == "named"
    assert load(["some.topology.yaml", "prod.yaml"]).files == ("some.topology.yaml", "prod.yaml")


def test_paths_belong_to_the_file_that_writes_them(here: Path) -> None:
    base = """name: base
defaults: {node: {env_file: [d.env]}}
nodes:
  a: {python: 'm:f', working_dir: w, env_file: a.env}
  b: {python: 'm:f'}
  x: {external: true, public_key: k}
"""
    over = "nodes: {a: {working_dir: w}, b: {command: ./x, env_file: ['../b.env', /c.env]}, x: {public_key: k}}"
    write({"base/t.yaml": base, "prod/t.yaml": over})
    nodes = load(["base/t.yaml", "prod/t.yaml"]).nodes
    assert (nodes["a"].working_dir, nodes["a"].folder) == (str(here / "prod/w"), str(here / "base"))
    assert nodes["a"].env_file == (str(here / "base/a.env"),)
    assert (nodes["b"].working_dir, nodes["b"].folder) == (None, str(here / "prod"))
    assert nodes["b"].env_file == (str(here / "b.env"), "/c.env")
    assert nodes["x"].public_key == str(here / "prod/k")
    alone = load(["base/t.yaml"]).nodes
    assert alone["b"].env_file == (str(here / "base/d.env"),)


def test_standard_input_can_be_any_of_the_files(here: Path) -> None:
    write({"base.yaml": BASE, "sub/inc.yaml": "nodes: {c: {python: 'c:main'}}"})
    found = load(["base.yaml", "-"], stdin="include: sub/inc.yaml\nnodes: {a: {replicas: 9, working_dir: w}}")
    assert (found.nodes["a"].replicas, found.nodes["a"].working_dir) == (9, str(here / "w"))
    assert found.nodes["c"].folder == str(here / "sub")
    assert load(["-", "base.yaml"], stdin="version: 1").name == "base"


def test_where_what_was_overlaid_stands() -> None:
    base = f"name: base\n{NODE}    replicas: 2\n    env: {{A: 1}}\n"
    found = overlaid("nodes:\n  a: {replicas: 3, kind: job}\n  b: {command: x}\n", base)
    assert found.where("nodes", "a") == Position("base.yaml", 3, 3)
    assert found.where("nodes", "a", "replicas") == Position("over.yaml", 2, 7)
    assert found.where_value("nodes", "a", "replicas") == Position("over.yaml", 2, 17)
    assert found.where("nodes", "a", "env", "A") == Position("base.yaml", 6, 11)
    assert found.where("nodes", "a", "kind") == Position("over.yaml", 2, 20)
    assert found.where("nodes", "b") == Position("over.yaml", 3, 3)


def test_an_error_says_what_was_laid_over_what() -> None:
    write({"base.yaml": BASE, "prod.yaml": "nodes:\n  a: {replicas: many}\n", "dev.yaml": "nodes: {a: {replicas: x}}"})
    (problem,) = wrong("base.yaml", "prod.yaml")
    assert str(problem).startswith("prod.yaml:2:17: nodes.a.replicas: 'many' cannot be used; expected a whole number")
    assert problem.origin == "written in base.yaml:3:35, overlaid by prod.yaml:2:17"
    (problem,) = wrong("base.yaml", "prod.yaml", "dev.yaml")
    assert problem.origin == "written in base.yaml:3:35, overlaid by prod.yaml:2:17, then by dev.yaml:1:23"


def test_an_error_says_which_variable_made_the_value() -> None:
    base = "name: base\nvars: {n: '${m}', m: 3}\nnodes: {a: {python: 'm:f', replicas: '${n}'}}\n"
    write({"base.yaml": base, "over.yaml": "vars: {m: many}"})
    (problem,) = wrong("base.yaml", "over.yaml")
    assert (problem.file, problem.line, problem.column) == ("base.yaml", 3, 38)
    assert problem.origin == "n is written in base.yaml:2:11; m written in base.yaml:2:22, overlaid by over.yaml:1:11"
    (problem,) = wrong("base.yaml", sets={"n": "x"})
    assert problem.origin == "n is given by --set"
    write({"base.yaml": base.replace("'${m}'", "'${env.N}'")})
    (problem,) = wrong("base.yaml", environ={"N": "x"})
    assert problem.origin == "n is written in base.yaml:2:11; env.N comes from the environment"


def test_mistakes_of_all_files_are_said() -> None:
    write({"base.yaml": f"{BASE}x: 1\n", "over.yaml": "nodes: {a: {kind: x}}\ny: 1"})
    assert [(each.file, each.line) for each in wrong("base.yaml", "over.yaml")] == [
        ("base.yaml", 7),
        ("over.yaml", 1),
        ("over.yaml", 2),
    ]


def test_a_broken_overlay_hides_what_follows_from_it() -> None:
    write({"base.yaml": f"{BASE}x: 1\n", "over.yaml": "nodes: {"})
    (problem,) = wrong("base.yaml", "over.yaml")
    assert (problem.file, problem.code) == ("over.yaml", "S002")
    (problem,) = wrong("base.yaml", "none.yaml")
    assert str(problem) == "none.yaml: cannot be read: No such file or directory; expected a YAML file"


# ---- include


def test_included_files_lie_under_the_file(here: Path) -> None:
    write(
        {
            "main.yaml": "include: [parts/one.yaml, ./two.yaml]\nnodes: {a: {replicas: 3}}\n",
            "parts/one.yaml": "include: more/deep.yaml\nnodes: {a: {python: 'm:f', replicas: 1, env_file: e}}",
            "parts/more/deep.yaml": "vars: {v: 1}\nnodes: {d: {command: ./d, env: {V: '${v}'}}}",
            "two.yaml": "nodes: {b: {command: x}}\nlogs: {files: 2}",
        }
    )
    found = load(["main.yaml"])
    assert found.name == "main"
    assert list(found.nodes) == ["d", "a", "b"]
    assert (found.nodes["a"].replicas, found.nodes["a"].folder) == (3, str(here / "parts"))
    assert found.nodes["a"].env_file == (str(here / "parts/e"),)
    assert (found.nodes["d"].env, found.nodes["d"].folder) == ({"V": "1"}, str(here / "parts/more"))
    assert found.logs.files == 2
    assert found.where("nodes", "d") == Position("parts/more/deep.yaml", 2, 9)
    assert found.where("nodes", "b") == Position("two.yaml", 1, 9)
    assert found.files == ("main.yaml",)


def test_a_file_that_two_include_is_no_conflict() -> None:
    write(
        {
            "a.yaml": "include: [b.yaml, c.yaml]",
            "b.yaml": "include: d.yaml\nnodes: {b: {command: x}}",
            "c.yaml": "include: ./d.yaml\nnodes: {c: {command: x}}",
            "d.yaml": "vars: {v: 1}\nnodes: {d: {command: x}}\nlogs: {files: 2}",
        }
    )
    assert list(load(["a.yaml"]).nodes) == ["d", "b", "c"]


def test_overlays_include_too() -> None:
    write({"base.yaml": BASE, "over.yaml": "include: inc.yaml\nnodes: {a: {kind: job}}"})
    write({"inc.yaml": "nodes: {a: {replicas: 8, kind: main}}"})
    node = load(["base.yaml", "over.yaml"]).nodes["a"]
    assert (node.replicas, node.kind) == (8, "job")


@pytest.mark.parametrize(
    ("one", "two", "path"),
    [
        ("nodes: {n: {command: x}}", "nodes: {n: {command: x}}", "nodes.n"),
        ("edges: {e: {transport: tcp}}", "edges: {e: {bind: a.b}}", "edges.e"),
        ("templates: {t: {}}", "templates: {t: {}}", "templates.t"),
        ("vars: {v: 1}", "vars: {v: 1}", "vars.v"),
        ("logs: {files: 1}", "logs: {files: 2}", "logs.files"),
        ("defaults: {node: {stop: {grace: 1s}}}", "defaults: {node: {stop: {grace: 2s}}}", "defaults.node.stop.grace"),
        ("name: a", "name: b", "name"),
    ],
)
def test_two_included_files_may_not_say_different_things(one: str, two: str, path: str) -> None:
    write({"main.yaml": f"include: [one.yaml, two.yaml]\n{NODES}", "one.yaml": one, "two.yaml": two})
    problem = wrong("main.yaml")[0]
    assert (problem.code, problem.file, problem.path) == ("S008", "two.yaml", path)
    assert "the other one is one.yaml:1:" in problem.message


@pytest.mark.parametrize(
    ("one", "two", "main"),
    [
        ("logs: {files: 1}", "logs: {files: 2}", "logs: {files: 3}"),
        ("name: a", "name: b", "name: c"),
        ("logs: {files: 1}", "logs: {files: 1, max_size: 1MB}", ""),
        ("logs: {files: 1}", "logs: {files: null, max_size: 1MB}", ""),
        ("x-a: 1", "x-a: 2", ""),
        ("version: 1", "version: 1", ""),
        ("vars: {v: null}", "vars: {v: 1}", ""),
    ],
)
def test_what_two_included_files_may_say(one: str, two: str, main: str) -> None:
    write({"main.yaml": f"include: [one.yaml, two.yaml]\n{NODES}{main}", "one.yaml": one, "two.yaml": two})
    assert load(["main.yaml"])


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"include: none.yaml": ""}, "main.yaml:1:10: include: none.yaml cannot be read: No such file or directory; "
                                     "paths begin at the folder of main.yaml"),
        ({"include: [main.yaml]": ""}, "main.yaml:1:11: include[0]: a loop of includes: main.yaml -> main.yaml"),
        ({"include: b.yaml": "include: c.yaml", "c.yaml": "include: ['b.yaml']"},
         "c.yaml:1:11: include[0]: a loop of includes: b.yaml -> c.yaml -> b.yaml"),
        ({"include: ../x.yaml": ""}, "main.yaml:1:10: include: ../x.yaml lies outside ., the folder of the first file; "
                                     "--root DIR names the folder that files may be included from"),
        ({"include: /etc/passwd": ""}, "main.yaml:1:10: include: /etc/passwd lies outside ., the folder of the first"),
        ({"include: sub": "", "sub/x": ""}, "main.yaml:1:10: include: sub cannot be read: Is a directory"),
        ({"include: 3": ""}, "main.yaml:1:10: include: no path; expected a path, or a list of them"),
        ({"include: ''": ""}, "main.yaml:1:10: include: no path"),
        ({"include: [b.yaml, {a: b}]": ""}, "main.yaml:1:19: include[1]: no path"),
        ({'include: "${env.X}.yaml"': ""}, "main.yaml:1:10: include: there are no variables in include"),
        ({"include: b.yaml": "- x"}, "b.yaml:1:1: not a topology; expected a mapping"),
        ({"include: b.yaml": "a: ["}, "b.yaml:2:1: not YAML"),
        ({"include: b.yaml": "a: 1\na: 2\n"}, "b.yaml:2:1: the key 'a' stands twice"),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_included(files: dict[str, str], said: str) -> None:
    write({"b.yaml": ""})
    for number, (name, text) in enumerate(files.items()):
        write({"main.yaml": name, "b.yaml": text} if number == 0 else {name: text})
    assert str(wrong("main.yaml")[0]).startswith(said)


def test_a_link_does_not_lead_outside(here: Path) -> None:
    write({"in/main.yaml": "include: link.yaml", "out/secret.yaml": "password: hunter2"})
    Path("in/link.yaml").symlink_to(here / "out/secret.yaml")
    (problem,) = wrong("in/main.yaml")
    assert "in/link.yaml lies outside in, the folder of the first file" in problem.message
    assert "hunter2" not in str(problem)


def test_a_root_lets_files_include_what_is_in_it(here: Path) -> None:
    write({"a/main.yaml": f"include: ../b/x.yaml\n{NODES}", "b/x.yaml": "logs: {files: 7}"})
    assert load(["a/main.yaml"], root=".").logs.files == 7
    assert load(["a/main.yaml"], root=here).logs.files == 7
    (problem,) = wrong("a/main.yaml", root="a")
    assert "b/x.yaml lies outside a, the root" in problem.message


def test_nothing_waits_for_a_pipe() -> None:
    os.mkfifo("pipe")
    write({"main.yaml": "include: pipe"})
    assert "it is a pipe, no regular file" in str(wrong("main.yaml")[0])


def test_lines_of_a_file_that_may_be_anything_are_not_for_showing() -> None:
    write({"main.yaml": "include: b.yaml", "b.yaml": "PASSWORD=hunter2: x: y\n"})
    assert [problem.shown for problem in wrong("main.yaml")] == [False]
    write({"main.yaml": "TOKEN=hunter2\n"})
    assert [problem.shown for problem in wrong("main.yaml")] == [False]
    write({"main.yaml": "nodes: {a: [}\n"})
    assert [problem.shown for problem in wrong("main.yaml")] == [True]


def test_a_chain_of_includes_has_an_end() -> None:
    write({f"{number}.yaml": f"include: {number + 1}.yaml" for number in range(200)})
    (problem,) = wrong("0.yaml")
    assert "50 in a chain" in problem.message


# ---- templates

TEMPLATES = """
name: base
defaults: {node: {env: {D: d}, stop: {grace: 3s}}}
templates:
  worker:
    python: worker:main
    restart: {delay: 1s}
    env: {T: t, N: t}
    sockets: {in: PULL, out: {type: PUSH, sndhwm: 5}}
  special: {extends: worker, env: {S: s}, restart: always}
nodes:
  a: {extends: worker, replicas: 2, env: {N: n}, sockets: {in: {rcvhwm: 1}}}
  b: {extends: special, command: ./b, stop: null}
  c: {extends: worker}
  d: {extends: null, python: d:main}
"""


def test_templates(here: Path) -> None:
    write({"base.yaml": TEMPLATES.replace("d:main", "'d:main'")})
    found = load(["base.yaml"])
    a, b, c = (found.nodes[name] for name in "abc")
    assert (a.python, a.replicas, a.restart.delay, a.stop.grace) == ("worker:main", 2, 1.0, 3.0)
    assert a.env == {"D": "d", "T": "t", "N": "n"}
    assert (a.sockets["in"].type, a.sockets["in"].options) == ("PULL", {"rcvhwm": 1})
    assert c.sockets["out"].options == {"sndhwm": 5}
    assert (b.python, b.command, b.stop.grace, b.restart.policy, b.restart.delay) == (None, "./b", 10.0, "always", 1.0)
    assert b.env == {"D": "d", "T": "t", "N": "t", "S": "s"}
    assert found.where("nodes", "a") == Position("base.yaml", 12, 3)
    assert found.where("nodes", "c", "env", "N") == Position("base.yaml", 8, 17)
    assert found.where("nodes", "a", "env", "N") == Position("base.yaml", 12, 43)


def test_a_template_of_another_file_keeps_its_folder(here: Path) -> None:
    write(
        {
            "main.yaml": "include: lib/t.yaml\nnodes: {a: {extends: t}, b: {extends: t, python: 'x:y'}}",
            "lib/t.yaml": "templates: {t: {python: 'm:f', working_dir: w, env_file: e}}",
        }
    )
    nodes = load(["main.yaml"]).nodes
    assert (nodes["a"].folder, nodes["a"].working_dir) == (str(here / "lib"), str(here / "lib/w"))
    assert (nodes["b"].folder, nodes["b"].env_file) == (str(here), (str(here / "lib/e"),))


def test_overlays_reach_templates() -> None:
    found = overlaid(
        "templates: {worker: {restart: never}}\nnodes: {c: {env: {X: 1}}}", TEMPLATES.replace("d:main", "'d:main'")
    )
    assert found.nodes["a"].restart.policy == "never"
    assert found.nodes["c"].env["X"] == "1"


def test_a_mistake_in_a_template_is_said_once() -> None:
    nodes = "".join(f"  n{number}: {{extends: t}}\n" for number in range(500))
    text = f"name: base\nnodes:\n{nodes}templates:\n  t: {{python: 'm:f', kind: jobb, restart: {{dely: 1s}}, env: [x]}}"
    write({"base.yaml": text})
    found = wrong("base.yaml")
    assert [problem.path for problem in found] == ["templates.t.kind", "templates.t.restart.dely", "templates.t.env"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("templates: {t: {kind: x}}\n", "1:23: templates.t.kind: 'x' cannot be used"),
        ("templates: {t: {sockets: {s: PSUH}}}\n", "1:30: templates.t.sockets.s.type: 'PSUH' is no type of socket"),
        ("templates: {t: {sockets: {s: {type: PUSH, x: 1}}}}\n", "1:43: templates.t.sockets.s.x: x is no option"),
        ("templates: {T: {}}\n", "1:13: templates.T: 'T' is no name"),
        ("templates: {t: 3}\n", "1:16: templates.t: 3 cannot be used; expected a mapping"),
        ("templates: 3\n", "1:12: templates: 3 cannot be used; expected a mapping from names to bodies of nodes"),
        ("templates: {t: {environment: {}}}\n", "1:17: templates.t.environment: environment is no key here"),
        ("templates: {t: {each: [a, a]}}\n", "1:27: templates.t.each[1]: the item a stands twice"),
        ("templates: {t: {replicas: '${index}'}}\n", "1:27: templates.t.replicas: ${index} is known only for one"),
        ("nodes: {a: {extends: t}}", "1:22: nodes.a.extends: there is no template 't'; expected the name of a "
                                       "template; there are none"),
        ("templates: {tt: {}}\nnodes: {a: {extends: tt1}}\n", "2:22: nodes.a.extends: there is no template 'tt1'; "
                                                            "expected the name of a template; did you mean tt?"),
        ("nodes: {a: {extends: '${x}'}}\n", "1:22: nodes.a.extends: '${x}' cannot be used; expected the name of a "
                                            "template; there are no variables in extends"),
        ("nodes: {a: {extends: [t]}}\n", "1:22: nodes.a.extends: a list cannot be used"),
        ("templates: {t: {extends: u}, u: {extends: t}}\nnodes: {a: {extends: t}}\n",
         "1:43: templates.u.extends: templates extend one another in a loop: t -> u -> t"),
        ("templates: {a-b: {}, a_b: {}}\n", "1:22: templates.a_b: a_b and a-b differ only in - and _"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_templates(text: str, said: str) -> None:
    with pytest.raises(InvalidTopologyError) as raised:
        load(["-"], name="mesh", stdin=text)
    assert str(raised.value.problems[0]).startswith(f"-:{said}")
    assert len(raised.value.problems) == 1


def test_items_in_a_template() -> None:
    text = "templates: {t: {python: 'm:f', args: {x: '${each.y}', z: '${key}'}}}\n"
    text += "nodes: {a: {extends: t, each: {l: {y: 1}}}}"
    node = load(["-"], name="mesh", stdin=text).nodes["a"]
    assert (node.args, node.each) == ({"x": "${each.y}", "z": "${key}"}, {"l": {"y": 1}})
    with pytest.raises(InvalidTopologyError, match="known only under `each`"):
        load(["-"], name="mesh", stdin=text.replace(", each: {l: {y: 1}}", ""))


@pytest.mark.timeout(20)
def test_templates_do_not_unfold_without_end() -> None:
    args = ", ".join(f"a{number}: {number}" for number in range(3_000))
    nodes = "\n".join(f"  n{number}: {{extends: t}}" for number in range(5_000))
    with pytest.raises(InvalidTopologyError, match="templates unfold to more"):
        load(["-"], name="mesh", stdin=f"templates: {{t: {{python: 'm:f', args: {{{args}}}}}}}\nnodes:\n{nodes}\n")


# ---- any documents

FEW = settings(suppress_health_check=list(HealthCheck))


def read_together(*texts: str) -> list[Document]:
    found: list[Document] = []
    for number, text in enumerate(texts):
        found.append(read(text.encode(), f"{number}.yaml", found[0] if found else None))
    return found


TREES: st.SearchStrategy[Any] = st.recursive(
    st.integers() | st.lists(st.integers(), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from(["b", "c", "d"]), inner, max_size=3),
    max_leaves=9,
)
LAYERS = st.fixed_dictionaries(
    {},
    optional={
        "vars": st.dictionaries(st.sampled_from(["v", "w"]), TREES.filter(lambda tree: isinstance(tree, dict))),
        "nodes": st.dictionaries(
            st.sampled_from(["a", "b"]),
            st.fixed_dictionaries(
                {},
                optional={
                    "restart": st.sampled_from(["always", {"delay": "1s"}, {"policy": "never"}]),
                    "depends_on": st.sampled_from(["b", ["b", "c"], {"c": "started"}, []]),
                    "sockets": st.dictionaries(st.sampled_from(["s"]), st.sampled_from(["PUB", {"linger": 1}])),
                    "profiles": st.sampled_from(["p", ["p", "q"]]),
                },
            ),
        ),
    },
)


def short(data: Any) -> Any:
    """Write out short forms: what is alone on its key keeps its own."""
    if isinstance(data, dict):
        made = {key: short(item) for key, item in data.items()}
        for key, longer in (("restart", "policy"), ("s", "type")):
            if isinstance(made.get(key), str):
                made[key] = {longer: made[key]}
        if isinstance(needed := made.get("depends_on"), str | list):
            made["depends_on"] = dict.fromkeys([needed] if isinstance(needed, str) else needed, "ready")
        return made
    return data


def kinds_agree(*trees: Any) -> bool:
    """Tell whether nothing that is no mapping meets a mapping."""
    mappings = [tree for tree in trees if isinstance(tree, dict)]
    keys = {key for tree in mappings for key in tree}
    return len(mappings) in (0, len(trees)) and all(
        kinds_agree(*[tree[key] for tree in mappings if key in tree]) for key in keys
    )


@FEW
@given(st.tuples(LAYERS, LAYERS, LAYERS))
def test_laying_mappings_is_associative(layers: tuple[Any, ...]) -> None:
    assume(kinds_agree(*map(short, layers)))
    one, two, three = read_together(*map(as_yaml, layers))
    assert short(merge(merge(one, two), three).data) == short(merge(one, merge(two, three)).data)


@FEW
@given(documents(), st.sampled_from(["", "{}", "x-note: 1", "nodes: {}", "edges: {}", "defaults: {node: {}}"]))
def test_nothing_laid_over_changes_nothing(document: dict[str, Any], nothing: str) -> None:
    write({"base.yaml": as_yaml(document), "over.yaml": nothing})
    assert values(load(["base.yaml", "over.yaml"])) == values(load(["base.yaml"]))


@FEW
@given(documents())
def test_a_document_over_itself_and_over_nothing_is_itself(document: dict[str, Any]) -> None:
    text = as_yaml(document)
    write({"base.yaml": text, "empty.yaml": "version: 1", "base2.yaml": text})
    alone = values(load(["base.yaml"]))
    assert values(load(["empty.yaml", "base.yaml"])) == alone
    assert values(load(["base.yaml", "base2.yaml"])) == alone


@FEW
@given(documents())
def test_a_document_in_pieces_is_the_document(document: dict[str, Any]) -> None:
    pieces = [{key: value} for key, value in document.items()]
    write({"whole.yaml": as_yaml(document), "main.yaml": f"include: {[f'{n}.yaml' for n in range(len(pieces))]}\n"})
    write({f"{number}.yaml": as_yaml(piece) for number, piece in enumerate(pieces)})
    assert values(load(["main.yaml"])) == values(load(["whole.yaml"]))


@FEW
@given(st.lists(st.one_of(TOPOLOGIES, DATA), min_size=1, max_size=3), st.booleans())
def test_any_files(layers: list[Any], included: bool) -> None:
    texts = {f"{number}.yaml": as_yaml(layer) for number, layer in enumerate(layers)}
    write({**texts, "main.yaml": f"include: {list(texts)}\n"})
    found: list[Diagnostic] | None = None
    try:
        load(["main.yaml"] if included else list(texts))
    except InvalidTopologyError as raised:
        found = raised.problems
    assert found != []
    assert all(problem.code and "\n" not in str(problem) for problem in found or ())
