"""What an editor makes of the schema: a real yaml-language-server completes, explains and marks."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.zeromq.options import OPTIONS
from orchestrator.zeromq.sockets import TYPES
from tests.schema.language_server import LanguageServer

ROOT = Path(__file__).parents[2]
PACKAGE = "yaml-language-server@1.25.0"
HEAD = f"# yaml-language-server: $schema={ROOT}/docs/schema/topology.schema.json\n"
EXAMPLES = sorted(ROOT.glob("topologies/**/*.yaml"))

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("node and npm are missing")
    cache = Path(tempfile.gettempdir()) / f"orchestrator-tests-{os.getuid()}" / PACKAGE
    program = cache / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    if not program.exists():
        command = [npm, "install", "--prefix", str(cache), "--no-audit", "--no-fund", "--silent", PACKAGE]
        if subprocess.run(command, stdin=subprocess.DEVNULL).returncode:
            pytest.skip(f"npm cannot install {PACKAGE}")
    with LanguageServer([node, str(program), "--stdio"], tmp_path_factory.mktemp("editor")) as running:
        yield running


def socket(body: str) -> str:
    return f"{HEAD}nodes:\n  a:\n    sockets:\n      s:{body}\n"


# ---- completion


def test_keys_at_the_top(server: LanguageServer) -> None:
    offered = server.completions(f"{HEAD}name: mesh\n|")
    assert {"nodes", "edges", "vars", "defaults", "templates", "include", "logs", "lint"} <= set(offered)
    assert "name" not in offered  # it stands there already
    assert "by name" in str(offered["nodes"]["documentation"])


def test_keys_of_a_node(server: LanguageServer) -> None:
    offered = server.completions(f"{HEAD}nodes:\n  a:\n    python: feed:main\n    |\n")
    assert {"replicas", "each", "sockets", "restart", "ready", "depends_on", "extends"} <= set(offered)
    assert not {"python", "folder", "nodes", "bind"} & set(offered)
    assert "Default: one" in str(offered["replicas"]["documentation"])


def test_keys_of_a_part_of_a_node(server: LanguageServer) -> None:
    offered = server.completions(f"{HEAD}nodes:\n  a:\n    restart:\n      |\n")
    assert set(offered) == {"policy", "delay", "max_delay", "max_attempts", "window"}


def test_types_of_sockets(server: LanguageServer) -> None:
    stable = {name for name, each in TYPES.items() if not each.draft}
    for text in (socket(" |"), socket("\n        type: |")):
        offered = server.completions(text)
        assert set(offered) - {"null"} == stable
        assert "subscribers" in str(offered["PUB"]["documentation"])


def test_options_of_a_type(server: LanguageServer) -> None:
    for text in (socket("\n        type: SUB\n        |"), socket(" {type: SUB, r|}")):
        offered = set(server.completions(text))
        assert offered == {"subscribe"} | {name for name, each in OPTIONS.items() if "SUB" in (each.types or {"SUB"})}
        assert "router_mandatory" not in offered
    assert "router_mandatory" in server.completions(socket("\n        type: ROUTER\n        |"))


def test_options_of_any_type_where_none_is_written(server: LanguageServer) -> None:
    assert set(server.completions(socket("\n        |"))) == {"type", "subscribe", *OPTIONS}


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("nodes:\n  a:\n    kind: |\n", {"service", "job", "main"}),
        ("nodes:\n  a:\n    critical: |\n", {"true", "false"}),
        ("nodes:\n  a:\n    ready: |\n", {"library", "listening", "notify"}),
        ("nodes:\n  a:\n    depends_on:\n      b: |\n", {"started", "ready", "done"}),
        ("edges:\n  a:\n    pairing: |\n", {"all", "same", "spread", "others", "ring", "tree", "pairs"}),
        ("edges:\n  a:\n    transport: |\n", {"auto", "ipc", "tcp"}),
    ],
)
def test_values(server: LanguageServer, place: str, words: set[str]) -> None:
    assert set(server.completions(HEAD + place)) == words | {"null"}


# ---- hover


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{HEAD}no|des:\n  a: {{python: feed:main}}\n", "The programs, by name."),
        (f"{HEAD}nodes:\n  a:\n    repl|icas: 3\n", "How many processes"),
        (f"{HEAD}nodes:\n  a:\n    ki|nd: job\n", "`job`: ends; status 0 means done"),
        (f"{HEAD}nodes:\n  a:\n    restart: {{del|ay: 1s}}\n", "Default: 100ms"),
        (f"{HEAD}edges:\n  a: {{bi|nd: feed.ticks}}\n", "the side that has the address"),
        (socket(" {type: SUB, rcv|hwm: 10}"), "Default: 1000"),
        (socket(" {ty|pe: SUB}"), "`SUB`: from publishers"),
    ],
)
def test_hover(server: LanguageServer, text: str, told: str) -> None:
    shown = server.hover(text)
    assert told in shown.replace("\\", "")
    assert "||" not in shown


# ---- diagnostics


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (f"{HEAD}nodes:\n  a:\n    python: feed:main\n    replica: 3\n", 4, "replica is not allowed"),
        (f"{HEAD}nodes:\n  a:\n    replicas: many\n", 3, "expected a whole number"),
        (f"{HEAD}nodes:\n  a:\n    stop:\n      grace: 5 minutes\n", 4, "expected a duration such as 20ms"),
        (f"{HEAD}nodes:\n  a:\n    restart: sometimes\n", 3, '"always", "on-failure", "never"'),
        (f"{HEAD}nodes:\n  A: {{python: feed:main}}\n", 2, "expected [a-z]"),
        (f"{HEAD}edges:\n  a:\n    bind: feed\n", 3, "expected node.socket"),
        (socket("\n        type: PUB\n        router_mandatory: true"), 6, "router_mandatory is not allowed"),
        (socket("\n        type: SUB\n        rcvhwm: many"), 6, "expected a number of messages, 0 or more"),
        (socket(" PUP"), 4, '"PUB"'),
    ],
)
def test_an_error_is_marked_where_it_stands(server: LanguageServer, text: str, line: int, told: str) -> None:
    [(at, message)] = server.diagnostics(text)
    assert at == line
    assert told in message


def test_variables_are_no_errors(server: LanguageServer) -> None:
    text = f"{HEAD}nodes:\n  a: {{replicas: '${{n}}', sockets: '${{all}}', kind: '${{k}}', stop: '${{s}}'}}\n"
    assert server.diagnostics(text) == []


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: str(file.relative_to(ROOT)))
def test_examples_are_without_errors(server: LanguageServer, file: Path) -> None:
    assert server.diagnostics(file.read_text(), str(file)) == []
    broken = file.read_text().replace("nodes:\n", "noodles: 1\nnodes:\n", 1)
    assert server.diagnostics(broken, str(file.with_name("broken.yaml"))) != []  # by its own first line
