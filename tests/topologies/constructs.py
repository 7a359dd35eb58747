"""What of the language is used in files: keys of every part, words with a meaning, forms of values and variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import yaml

from orchestrator.topology.merge.variables import ADDRESSES, PER_ITEM, PROCESS
from orchestrator.topology.model import Node, StrictModel, Topology
from orchestrator.topology.parse.interpolation import Reference, parse
from orchestrator.zeromq.sockets import TYPES

OF_THE_MODEL = {"Topology.files", "Node.folder", "Socket.options"}
"""What the loader adds; nobody writes it."""

NOT_CARRIED_OUT = {"Ready.command", "Ready.http", "Ready.log", "Ready.interval", "Node.speaks", "Node.public_key"}
"""What can be written, but is refused by ``up``, or belongs to keys that are not supported yet."""

BESIDE_THE_MODEL = {"Topology.include", "Topology.vars", "Topology.templates", "Node.extends", "Edge.security"}
"""Keys that are gone once a topology is loaded."""

OPTIONAL = {
    "kind: service",
    "transport: auto",
    "start: auto",
    "policy: on-failure",
    "from: latest",
    "on_full: block",
}
"""Words that say what is so without them."""


STANDS_FOR = {"Socket": "type", "Restart": "policy", "Pairing": "kind", "Delivery": "kind"}
"""By part, the key for which a word alone may stand."""


def known() -> set[str]:
    """Give every construct, as the model and the lists below have them."""
    keys = {f"{part.__name__}.{key}" for part in parts(Topology) for key in part.model_fields}
    keys -= {key for key in keys if key.partition(".")[0] in ("NodeBase", "Defaults", "EdgeDefaults")}
    words = {
        f"{key}: {word}"
        for part in parts(Topology)
        for key, field in part.model_fields.items()
        for word in words_of(field.annotation)
        if key not in ("signal", "speaks")
    }
    variables = {f"${{{name}}}" for name in (PROCESS | PER_ITEM)} | {f"${{{name}.}}" for name in ADDRESSES}
    types = {f"type: {name}" for name, each in TYPES.items() if not each.draft}
    keys |= BESIDE_THE_MODEL | {"Defaults.node", "Defaults.edge", "Defaults.socket", "Defaults.socket.TYPE"}
    return (
        (keys - OF_THE_MODEL - NOT_CARRIED_OUT) | (words - OPTIONAL) | variables | types | set(VARIABLES) | set(FORMS)
    )


def parts(part: type[StrictModel]) -> set[type[StrictModel]]:
    """Give a part of the model and all below it."""
    below = {each for field in part.model_fields.values() for each in parts_of(field.annotation)}
    return {part}.union(*(parts(each) for each in below))


def parts_of(annotation: Any) -> Iterator[type[StrictModel]]:
    if isinstance(annotation, type) and issubclass(annotation, StrictModel):
        yield annotation
    for inner in get_args(annotation):
        if inner is not annotation:
            yield from parts_of(inner)


def words_of(annotation: Any) -> Iterator[str]:
    if get_origin(annotation) is Literal:
        yield from (word for word in get_args(annotation) if isinstance(word, str))
    else:
        for inner in get_args(annotation):
            yield from words_of(inner)


def used(file: Path) -> set[str]:
    """Give the constructs that a file uses."""
    text = file.read_text()
    data = yaml.load(text, yaml.CSafeLoader)
    found = set(keys_in(data, Topology))
    for string in strings(data):
        found.update(variables_in(string))
    found.update(name for name, pattern in YAML.items() if re.search(pattern, text, re.M))
    for name, body in data.get("nodes", {}).items():
        found.update(form for form, test in NODE_FORMS.items() if test(body or {}, name, data))
    for body in data.get("edges", {}).values():
        found.update(form for form, test in EDGE_FORMS.items() if test(body, data))
    found.update(form for form, test in FILE_FORMS.items() if test(data))
    return found


def keys_in(data: dict[str, Any], part: type[StrictModel]) -> Iterator[str]:
    for key, value in data.items():
        if key in ("defaults", "templates"):
            yield from beside(key, value)
            continue
        if key.startswith("x-"):
            yield "x-"
            continue
        yield f"{part.__name__}.{key}"
        field = part.model_fields.get(key)
        below = list(parts_of(field.annotation)) if field else []
        if field and isinstance(value, str) and value in {*words_of(field.annotation)}:
            yield f"{key}: {value}"
        for inner in below:
            for each in value.values() if field and get_origin(field.annotation) is dict else (value,):
                yield from body(each, inner)
        if key == "depends_on":
            for condition in value.values() if isinstance(value, dict) else ("ready",):
                yield f"depends_on: {condition}"


def body(value: Any, part: type[StrictModel]) -> Iterator[str]:
    """Give what a value says that is a part, or stands for one."""
    if isinstance(value, dict):
        yield from keys_in(value, part)
        if part.__name__ == "Socket":
            yield f"type: {value.get('type')}"
            yield from (name for name, test in OPTION_FORMS.items() if any(map(test, value.values())))
    elif isinstance(value, str):
        short = (STANDS_FOR | {"Ready": value}).get(part.__name__)
        yield from (f"{part.__name__}.{short}", f"{short}: {value}", f"{part.__name__}, short")


def beside(key: str, value: dict[str, Any]) -> Iterator[str]:
    yield f"Topology.{key}"
    if key == "templates":
        for each in value.values():
            yield from keys_in(each, Node)
            if "extends" in each:
                yield "a template extends another"
        return
    for each, defaults in value.items():
        yield f"Defaults.{each}"
        if each == "socket" and any(name.isupper() for name in defaults):
            yield "Defaults.socket.TYPE"
        if each == "edge" and "transport" in defaults:
            yield f"transport: {defaults['transport']}"
        if each == "node" and isinstance(defaults.get("restart"), str):
            yield f"policy: {defaults['restart']}"


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from strings(each)


def variables_in(text: str) -> Iterator[str]:
    for name, test in VARIABLES.items():
        if test(text):
            yield name
    for use in uses(text):
        yield f"${{{use.scope}.}}" if use.scope in ADDRESSES else f"${{{use.name}}}"


def uses(text: str) -> list[Reference]:
    return [each for each in parse(text) if isinstance(each, Reference)]


VARIABLES: dict[str, Callable[[str], bool]] = {
    "${env.NAME}": lambda text: any(use.scope == "env" and not use.operator for use in uses(text)),
    "${name:-default}": lambda text: any(not use.scope and use.operator == ":-" for use in uses(text)),
    "${env.NAME:-default}": lambda text: any(use.scope == "env" and use.operator == ":-" for use in uses(text)),
    "${env.NAME:?message}": lambda text: any(use.scope == "env" and use.operator == ":?" for use in uses(text)),
    "${name:?message}": lambda text: any(not use.scope and use.operator == ":?" for use in uses(text)),
    "${each.FIELD}": lambda text: any(use.scope == "each" for use in uses(text)),
    "a variable in a text": lambda text: len(parse(text)) > 1 and bool(uses(text)),
    "$${": lambda text: "$${" in text,
}
YAML = {
    "a schema's comment": r"\A# yaml-language-server: \$schema=",
    "an anchor": r"&\w+",
    "an alias": r": \*\w+",
    "<<": r"<<: \*\w+",
    "a finding is silenced": r"# lint: ignore\[Z\d+\] \w+",
}
OPTION_FORMS: dict[str, Callable[[Any], bool]] = {
    "an option is a duration": lambda value: isinstance(value, str) and bool(re.fullmatch(r"\d+m?s", value)),
    "an option is a size": lambda value: isinstance(value, str) and bool(re.fullmatch(r"\d+[KM]i?B", value)),
    "an option is true": lambda value: value is True,
    "an option is a number": lambda value: type(value) is int,
    "an option is a variable of the process": lambda value: value == "${process}",
    "subscribe: text": lambda value: value == "",
    "subscribe: []": lambda value: value == [],
    "subscribe: list": lambda value: isinstance(value, list) and len(value) > 1,
    "bytes in hex": lambda value: isinstance(value, list) and any(isinstance(each, dict) for each in value),
}
NODE_FORMS: dict[str, Callable[[dict[str, Any], str, dict[str, Any]], bool]] = {
    "command: list": lambda node, *_: isinstance(node.get("command"), list),
    "command: text": lambda node, *_: isinstance(node.get("command"), str),
    "each: list": lambda node, *_: isinstance(node.get("each"), list),
    "each: mapping": lambda node, *_: isinstance(node.get("each"), dict),
    "each: from a variable": lambda node, _, data: (
        isinstance(node.get("each"), str) and isinstance(data["vars"][uses(node["each"])[0].name], dict)
    ),
    "depends_on: one": lambda node, *_: isinstance(node.get("depends_on"), str),
    "depends_on: list": lambda node, *_: isinstance(node.get("depends_on"), list),
    "depends_on: mapping": lambda node, *_: isinstance(node.get("depends_on"), dict),
    "env_file: one": lambda node, *_: isinstance(node.get("env_file"), str),
    "live: {}": lambda node, *_: node.get("live") == {},
    "max_attempts: unlimited": lambda node, *_: (
        isinstance(node.get("restart"), dict) and node["restart"].get("max_attempts") == "unlimited"
    ),
}
EDGE_FORMS: dict[str, Callable[[dict[str, Any], dict[str, Any]], bool]] = {
    "bind: several": lambda edge, _: isinstance(edge.get("bind"), list),
    "connect: several": lambda edge, _: isinstance(edge.get("connect"), list),
    "connect: []": lambda edge, _: edge.get("connect") == [],
    "an end is a process": lambda edge, data: any(
        isinstance(end, str) and end.partition(".")[0] not in data.get("nodes", {}) and re.search(r"-\d+\.", end)
        for end in (edge.get("bind"), edge.get("connect"))
    ),
}
FILE_FORMS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "x-": lambda data: any(key.startswith("x-") for key in data),
    "an edge with an external node": lambda data: any(
        data["nodes"].get(str(edge.get("bind")).partition(".")[0], {}).get("external")
        for edge in data.get("edges", {}).values()
    ),
    "an endpoint with a range of ports": lambda data: any(
        re.search(r":\d+-\d+$", filled(edge.get("endpoint"), data)) for edge in data.get("edges", {}).values()
    ),
    "include: several": lambda data: isinstance(data.get("include"), list),
    "a variable is a list": lambda data: any(isinstance(each, list) for each in data.get("vars", {}).values()),
    "an overlay removes a node": lambda data: None in data.get("nodes", {}).values(),
    "an overlay removes an endpoint": lambda data: any(
        "endpoint" in edge and edge["endpoint"] is None for edge in data.get("edges", {}).values()
    ),
}
SHORT = {f"{part}, short" for part in ("Socket", "Restart", "Ready", "Pairing")}
FORMS = {*YAML, *OPTION_FORMS, *NODE_FORMS, *EDGE_FORMS, *FILE_FORMS, *SHORT, "a template extends another"}


def filled(endpoint: str | None, data: dict[str, Any]) -> str:
    """Give an endpoint with the file's own variables in it."""
    variables = data.get("vars", {})
    return re.sub(r"\$\{(\w+)\}", lambda match: str(variables.get(match[1], "")), endpoint or "")
