"""The schema: valid, complete, in step with the model, with the loader and with the committed file."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import zmq
from hypothesis import HealthCheck, assume, given, settings
from jsonschema import Draft202012Validator

from orchestrator.schema import parts
from orchestrator.schema.build import build, text
from orchestrator.schema.descriptions import KEYS, OPTION_DEFAULTS, VALUES
from orchestrator.topology.errors import InvalidTopologyError
from orchestrator.topology.load import load
from orchestrator.topology.model import Topology
from orchestrator.topology.parse.document import read
from orchestrator.topology.parse.scalars import as_value
from orchestrator.zeromq.options import OPTIONS, value
from orchestrator.zeromq.sockets import TYPES
from tests.support.documents import as_yaml, divided, documents, mutants

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "schema" / "topology.schema.json"
SCHEMA = build()
VALIDATOR = Draft202012Validator(SCHEMA)
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def data(written: str) -> Any:
    """Read YAML as the loader does, and so by the core schema of YAML 1.2, as editors do."""
    document = read(written.encode(), "written")
    assert document.problems == []
    return as_value(document.data)


def complaints(written: Any) -> list[str]:
    found = VALIDATOR.iter_errors(data(written) if isinstance(written, str) else written)
    return [f"{'.'.join(map(str, each.absolute_path))}: {each.message[:300]}" for each in found]


def node(body: str) -> str:
    return f"nodes:\n  a:\n    {body}\n"


# ---- the schema itself


def test_it_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"].startswith("urn:")
    assert SCHEMA["title"]


def test_the_committed_file_is_what_the_command_prints() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "orchestrator", "schema"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout == text()
    assert FILE.read_text() == said.stdout, "run: orchestrator schema > docs/schema/topology.schema.json"
    assert json.loads(said.stdout) == SCHEMA


def test_every_reference_leads_somewhere_and_every_definition_is_used() -> None:
    used = set(re.findall(r'"#/\$defs/([^"]+)"', text()))
    assert used == set(SCHEMA["$defs"])


def test_patterns_mean_the_same_in_python_and_ecmascript() -> None:
    patterns = {each for key, each in keywords(SCHEMA) if key == "pattern"}
    assert len(patterns) > 20
    for pattern in patterns:
        assert not re.search(r"\\[AzZdwW]|\(\?[P<iamsux]", pattern), pattern
        re.compile(pattern)


def keywords(schema: Any) -> Iterator[tuple[str, Any]]:
    for key, item in schema.items() if isinstance(schema, dict) else enumerate(schema):
        yield key, item
        if isinstance(item, dict | list):
            yield from keywords(item)


# ---- descriptions


def owners() -> dict[str, set[str]]:
    """Give the keys that people write, by the part of the model that has them first."""
    found: dict[str, set[str]] = {"Socket": {"", "type", "subscribe"}}
    for part in (Topology, *parts.PARTS):
        # Of a part that stands among them alone all keys are its own.
        inherits = any(base in parts.PARTS for base in part.__mro__[1:])
        own = {key for key in part.model_fields if key in part.__annotations__ or not inherits}
        found[part.__name__] = {"", *own, *parts._BESIDE.get(part, ())} - {
            name.partition(".")[2] for name in parts.OURS if name.startswith(f"{part.__name__}.")
        }
    return found


def test_every_key_has_a_description_and_none_is_left_over() -> None:
    assert {name: set(keys) for name, keys in KEYS.items()} == owners()
    assert all(said.strip() for keys in KEYS.values() for said in keys.values())


def test_every_key_of_the_schema_is_described_with_its_default() -> None:
    bodies = [SCHEMA, *(each for name, each in SCHEMA["$defs"].items() if not name.startswith(("option-", "options-")))]
    properties = [(key, each) for body in bodies for key, each in body.get("properties", {}).items()]
    assert len(properties) > 100
    for key, each in properties:
        target = SCHEMA["$defs"][each["$ref"].rpartition("/")[2]] if "description" not in each else each
        assert target["description"], key
        if each.get("default") not in (None, [], {}):
            assert "Default:" in each["description"], key


def test_every_option_is_described_with_its_source() -> None:
    described = {name.removeprefix("option-") for name in SCHEMA["$defs"] if name.startswith("option-")}
    assert described == set(OPTIONS)
    for name, option in OPTIONS.items():
        said = SCHEMA["$defs"][f"option-{name}"]["description"]
        assert f"ZMQ_{name.upper()} in zmq_setsockopt(3)" in said
        assert not option.unit or f"bare number: {option.unit}" in said
        assert name not in OPTION_DEFAULTS or "Default:" in said


def test_meanings_belong_to_values_that_exist() -> None:
    words = {tuple(item) for key, item in keywords(SCHEMA) if key == "enum"}
    for name, meanings in VALUES.items():
        assert tuple(sorted(meanings)) in {tuple(sorted(map(str, each))) for each in words}, name


def test_defaults_of_options_are_those_of_libzmq() -> None:
    assert set(OPTION_DEFAULTS) <= set(OPTIONS)
    known = 0
    with zmq.Context() as context:
        for name, default in OPTION_DEFAULTS.items():
            option = OPTIONS[name]
            kinds = [kind for kind, each in TYPES.items() if not each.draft and kind in (option.types or TYPES)]
            for kind in kinds:
                with context.socket(TYPES[kind].number) as socket:
                    try:
                        found = socket.getsockopt(option.number)
                    except zmq.ZMQError:
                        continue  # it can only be set
                known += 1
                assert value(option, default) == (10 if name == "reconnect_ivl" else found), (name, kind)
    assert known > 300


# ---- what it accepts, and what not


@pytest.mark.parametrize(
    "file", sorted(ROOT.glob("topologies/**/*.yaml")), ids=lambda file: str(file.relative_to(ROOT))
)
def test_examples_are_accepted_and_name_the_schema(file: Path) -> None:
    written = file.read_text()
    assert complaints(written) == []
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", written)
    assert named is not None
    assert (file.parent / named[1]).resolve() == FILE


def test_the_blocks_of_the_documentation_are_accepted() -> None:
    names = ("reference/language.md", "how-to/set-up-your-editor.md", "how-to/write-a-node.md")
    pages = [ROOT / "README.md", *(ROOT / "docs" / name for name in names)]
    blocks = [found[1] for page in pages for found in BLOCK.finditer(page.read_text())]
    assert len(blocks) > 10
    for block in blocks:
        assert complaints(block) == []


SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def loads(document: dict[str, Any]) -> bool:
    written = as_yaml(document)
    assume("<<" not in written)  # a key that is none, also where the language takes anything
    assert data(written) == document
    try:
        load(["-"], {}, {}, stdin=written)
    except InvalidTopologyError:
        return False
    return True


@given(documents())
@settings(suppress_health_check=SLOW)
def test_what_the_loader_accepts_is_accepted(document: dict[str, Any]) -> None:
    assert loads(document)
    assert complaints(document) == []


@given(divided())
@settings(suppress_health_check=SLOW)
def test_what_the_loader_accepts_in_several_files_is_accepted(files: tuple[dict[str, Any], ...]) -> None:
    with TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("main.yaml", "part.yaml", "over.yaml")]
        for path, document in zip(paths, files, strict=True):
            path.write_text(as_yaml(document))
        load([paths[0], paths[2]])
    assert [complaints(document) for document in files] == [[], [], []]


@given(mutants())
@settings(suppress_health_check=SLOW)
def test_what_the_loader_refuses_is_refused(document: dict[str, Any]) -> None:
    assert not loads(document)
    assert complaints(document) != []


@pytest.mark.parametrize(
    "part",
    [
        "nodes:\n  bot: {replicas: 3}\n",
        "nodes:\n  bot: {sockets: {ticks: {rcvhwm: 5}}}\n",
        "nodes:\n  bot: null\n",
        "nodes:\n  bot: {env: {LEVEL: null}, depends_on: {feed: null}}\n",
        "edges:\n  ticks: {endpoint: 'tcp://*:5600'}\n",
        "edges:\n  ticks: {pairing: {arity: 3}}\n",
        "include: base.yaml\n",
        "include: [a.yaml, b.yaml]\nnodes: {}\n",
        "vars: {bots: 3, list: [1, 2], map: {a: b}}\n",
        "templates:\n  base: {restart: always, sockets: {ticks: SUB}}\nnodes:\n  bot: {extends: base}\n",
        "defaults:\n  node: {stop: {grace: 1s}}\n  socket: {linger: 0, SUB: {rcvhwm: 5}}\n",
        "{}\n",
    ],
)
def test_parts_of_a_topology_are_accepted(part: str) -> None:
    assert complaints(part) == []


TAKES = {
    "Topology": "{key}: ${{x}}",
    "Node": "nodes: {{a: {{{key}: '${{x}}'}}}}",
    "Edge": "edges: {{a: {{{key}: '${{x}}'}}}}",
    "Defaults": "defaults: {{{key}: '${{x}}'}}",
    "Logs": "logs: {{{key}: '${{x}}'}}",
    "Lint": "lint: {{{key}: '${{x}}'}}",
    "Restart": "nodes: {{a: {{restart: {{{key}: '${{x}}'}}}}}}",
    "Ready": "nodes: {{a: {{ready: {{{key}: '${{x}}'}}}}}}",
    "Live": "nodes: {{a: {{live: {{{key}: '${{x}}'}}}}}}",
    "Stop": "nodes: {{a: {{stop: {{{key}: '${{x}}'}}}}}}",
    "Limits": "nodes: {{a: {{limits: {{{key}: '${{x}}'}}}}}}",
    "Cpu": "nodes: {{a: {{cpu: {{{key}: '${{x}}'}}}}}}",
    "Resources": "nodes: {{a: {{resources: {{{key}: '${{x}}'}}}}}}",
    "Pairing": "edges: {{a: {{pairing: {{{key}: '${{x}}'}}}}}}",
}


@pytest.mark.parametrize("part", TAKES)
def test_a_variable_is_accepted_in_the_place_of_every_value(part: str) -> None:
    body = SCHEMA if part == "Topology" else SCHEMA["$defs"][part.lower()]
    for key in set(body["properties"]) - {"include", "extends", "vars"}:
        written = TAKES[part].format(key=key)
        assert complaints(written) == [], written
        assert complaints(written.replace("${", "$${")) != [] or free(body["properties"][key]), written


def free(schema: dict[str, Any]) -> bool:
    """Tell whether a key takes any text."""
    return Draft202012Validator({**schema, "$defs": SCHEMA["$defs"]}).is_valid("$${x}")


@pytest.mark.parametrize("name", [*OPTIONS, "subscribe", "type"])
def test_a_variable_is_accepted_in_the_place_of_every_option(name: str) -> None:
    assert complaints({"nodes": {"a": {"sockets": {"s": {name: "${x}"}}}}}) == []


@pytest.mark.parametrize(
    "written",
    [
        "include: ${base}.yaml\n",
        node("extends: ${base}"),
        "vars: ${x}\n",
        "vars: {index: 1}\n",
        "vars: {Big: 1}\n",
        node("device: que"),
        "edges:\n  a: {delivery: replayed}\n",
        "edges:\n  a: {security: curve}\n",
        "edges:\n  a: {batch: on}\n",
        node("sockets: {a: CLIENT}"),
        "module: a\n",
    ],
)
def test_what_has_no_place_is_refused(written: str) -> None:
    assert complaints(written) != []


def test_the_keys_of_users_may_begin_with_x_and_others_are_passed_over() -> None:
    everywhere = "x-a: 1\nnodes:\n  a: {x-a: {b: c}, restart: {x-a: 1}, sockets: {s: {type: SUB, x-a: [1]}}}\n"
    assert complaints(everywhere) == []
    assert complaints(everywhere.replace("x-a", "y-a")) != []
    assert complaints("nodes:\n  x-a: 5\n") != []  # a node


@pytest.mark.parametrize("kind", [name for name, each in TYPES.items() if not each.draft])
def test_a_type_takes_its_own_options_alone(kind: str) -> None:
    for name, option in OPTIONS.items():
        applies = option.types is None or kind in option.types
        socket = {"type": kind, name: "${x}"}
        assert (complaints({"nodes": {"a": {"sockets": {"s": socket}}}}) == []) is applies, name
        assert (complaints({"defaults": {"socket": {kind: {name: "${x}"}}}}) == []) is applies, name
    assert complaints({"defaults": {"socket": {kind: {"type": kind}}}}) != []
