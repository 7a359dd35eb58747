"""What the model refuses, in the words of the language."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic_core import ErrorDetails

from orchestrator.topology.collector import Diagnostics
from orchestrator.topology.diagnostics.diagnostic import Fix
from orchestrator.topology.diagnostics.hints import (
    NEUTRAL_VALUES,
    OF_OTHERS,
    OTHER_SYSTEMS_KEYS,
    OTHER_SYSTEMS_VALUES,
    RESERVED_KEYS,
    RESERVED_VALUES,
)
from orchestrator.topology.fixes import respelled
from orchestrator.topology.model import Expectation, Node, NodeBase, StrictModel, TemplatesAndDefaults, Topology
from orchestrator.topology.names import NAMES
from orchestrator.topology.parse.position import Path
from orchestrator.topology.parse.scalars import as_text

_OURS = {"Topology": "files", "Node": "folder"}
_BESIDE = {"Topology": ("defaults", "vars", "include", "templates"), "Defaults": ("socket",), "Node": ("extends",)}
_OF_ONE_NODE = frozenset(Node.model_fields) - frozenset(NodeBase.model_fields) - {"folder"} | {"extends"}
_BODIES = {"Node": "a mapping with python, command or external", "Edge": "a mapping with bind and connect"}
_BOOLEANS = {"yes": "true", "on": "true", "no": "false", "off": "false"}
_KINDS = {
    "int_type": "a whole number",
    "bool_type": "true or false",
    "string_type": "text",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}


def translate(error: ErrorDetails, findings: Diagnostics, prefix: Path = ()) -> None:
    """Note one error of the model."""
    path: Path = _written((*prefix, *error["loc"]))
    if path[-1] == "[key]":
        _name(path[:-1], findings)
    elif error["type"] == "extra_forbidden":
        _unknown(path, findings)
    else:
        _value(error, path, findings)


def _name(path: Path, findings: Diagnostics) -> None:
    name = str(path[-1])[:70]
    if path[-2] == "env":
        findings.add("S014", path, f"{name!r} is no name of a variable", "a name without = in it", key=True)
        return
    if path[-2] == "each":
        findings.add("S014", _item(path, findings), f"{name!r} cannot name a process", "[A-Za-z0-9_-]+", key=True)
        return
    near = name.lower().replace(" ", "-").replace(".", "-")
    hint = f"write {near}" if near != name else ""
    findings.add("S014", path, f"{name!r} is no name", NAMES, hint, key=True)


def _unknown(path: Path, findings: Diagnostics) -> None:
    key = str(path[-1])
    part, _ = around(path)
    word = part.__name__
    known = _keys(part)
    if key in RESERVED_KEYS.get(word, ()):
        _not_yet(path, key, findings)
    elif part is NodeBase and key in _OF_ONE_NODE:
        findings.add("S010", path, f"{key} has no default", "", "write it in each node", key=True)
    elif word == "EdgeDefaults" and key in ("bind", "connect", "endpoint"):
        findings.add("S010", path, f"{key} has no default", "", "write it in each edge", key=True)
    elif word == "Topology" and key == "module":
        findings.add("S010", path, "module is a reserved key", key=True)
    elif key in OTHER_SYSTEMS_KEYS.get(word, {}):
        findings.add("S010", path, f"{key} is no key here", "", f"write {OTHER_SYSTEMS_KEYS[word][key]}", key=True)
    else:
        hint, fix = _near(path, key, [*known, *RESERVED_KEYS.get(word, ())], OTHER_SYSTEMS_KEYS.get(word, {}), findings)
        expected = "" if hint else ", ".join(known)
        findings.add("S010", path, f"{key[:70]!r} is no key here", expected, hint, fix, key=True)


def _near(
    path: Path, key: str, ours: Collection[str], foreign: Mapping[str, str], findings: Diagnostics
) -> tuple[str, Fix | None]:
    """Suggest the known key that an unknown one may be meant as; return the fix that writes it."""
    words = [*ours, *foreign]
    found = findings.near(key, words)
    if found and found[0] in foreign:
        return f"write {foreign[found[0]]}", None
    likely = [each for each in found if each not in foreign]
    if not likely:
        return "", None
    fix = None
    if len(likely) == 1 and key not in OF_OTHERS:
        fix = respelled(findings.document, path, key, likely[0], words, key=True)
    return f"did you mean {' or '.join(likely)}?", fix


def _not_yet(path: Path, key: str, findings: Diagnostics) -> None:
    """Note a key of which only some values are known, and these only by name."""
    later = RESERVED_VALUES.get(key, frozenset())
    value = findings.document.at(path)
    word = value.get("kind") if isinstance(value, dict) else value
    if not later:
        findings.add("S011", path, f"{key} is not supported yet", key=True)
    elif isinstance(word, str) and word in later:
        findings.add("S011", path, f"{word} is not supported yet", NEUTRAL_VALUES[key])
    else:
        known = sorted({NEUTRAL_VALUES[key], *later})
        hint, fix = findings.meant(path, word, known) if isinstance(word, str) else ("", None)
        expected = f"{', '.join(known[:-1])} or {known[-1]}"
        findings.add("S012", path, f"{findings.shown(path)} cannot be used", expected, hint, fix)


def _item(path: Path, findings: Diagnostics) -> Path:
    """Return the path of an item of ``each`` as it is written: in a list by its number."""
    written = findings.document.at(path[:-1])
    if not isinstance(written, list):
        return path
    return (*path[:-1], next((at for at, item in enumerate(written) if as_text(item) == path[-1]), 0))


def _keys(part: type[StrictModel]) -> list[str]:
    """Return the keys that people write in a part."""
    ours = _OURS.get(part.__name__)
    return [*(name for name in part.model_fields if name != ours), *_BESIDE.get(part.__name__, ())]


def _value(error: ErrorDetails, path: Path, findings: Diagnostics) -> None:
    if error["loc"][-1:] == ("str",) and isinstance(error["input"], tuple):
        return  # a command is one of two kinds; the other one says what is wrong
    part, field = around(path)
    told = _expected(part, field) if field == path[-1] or not isinstance(path[-1], str) else ""
    wanted = (
        told or _BODIES.get(error.get("ctx", {}).get("class_name", "")) or _KINDS.get(error["type"], "another value")
    )
    if error["type"] == "missing" and isinstance(path[-1], int):
        path = path[:-1]  # a pair of one
    elif error["type"] == "missing":
        siblings = findings.document.at(path[:-1])
        if isinstance(siblings, dict) and findings.near(str(path[-1]), set(siblings) - set(_keys(part))):
            return  # written, but not quite
        findings.add("S013", path, f"{path[-1]} is missing", wanted, key=True)
        return
    if error["type"] == "literal_error":
        wanted = error["ctx"]["expected"].replace("'", "")
    value = error["input"]
    written = findings.document.at(path)
    hint, fix = "", None
    if isinstance(written, str) and "${" in written:
        hint = f"its variables make it {_kind(value)}"
    elif foreign := _foreign_value(field, value):
        hint = f"write {foreign}"
    elif error["type"] == "literal_error" and isinstance(value, str):
        hint, fix = findings.meant(path, value, _choices(part, field))
    elif "such as" in wanted and isinstance(written, int | float):
        hint = "the unit is required"
    elif error["type"] == "bool_type" and isinstance(value, str) and value in _BOOLEANS:
        hint = f"write {_BOOLEANS[value]}"
    findings.add("S012", path, f"{findings.shown(path)} cannot be used", wanted, hint, fix)


def _foreign_value(field: str, value: Any) -> str:
    """Return our word for the value of another system, such as compose's ``{condition: service_healthy}``."""
    word = value.get("condition") if isinstance(value, dict) else value
    return OTHER_SYSTEMS_VALUES.get(field, {}).get(word, "") if isinstance(word, str) else ""


def _kind(value: Any) -> str:
    kinds = {
        dict: "a mapping",
        list: "a list",
        tuple: "a list",
        str: "text",
        bool: "true or false",
        type(None): "empty",
    }
    return kinds.get(type(value), "a number")


def _expected(part: type[StrictModel], field: str) -> str:
    info = part.model_fields.get(field)
    inside = [*info.metadata, *_metadata(info.annotation)] if info else []
    return next((each.text for each in inside if isinstance(each, Expectation)), "")


def _choices(part: type[StrictModel], field: str) -> list[str]:
    """Return the words of which a field takes one."""
    info = part.model_fields.get(field)
    inside = [info.annotation, *_metadata(info.annotation)] if info else []
    return [word for each in inside if get_origin(each) is Literal for word in get_args(each)]


def _metadata(annotation: Any) -> list[Any]:
    return [each for argument in get_args(annotation) for each in [argument, *_metadata(argument)]]


def around(path: Path) -> tuple[type[StrictModel], str]:
    """Return the part of the model that the last key of a path stands in, and the last field on the way."""
    part = _top(path)
    field, at = "", 0
    while at < len(path) and (info := part.model_fields.get(str(path[at]))) is not None:
        field = str(path[at])
        inner = next((each for each in [info.annotation, *_metadata(info.annotation)] if _is_part(each)), None)
        # In a mapping of parts the next step is a name of the user's.
        at += 1 + _is_mapping(info.annotation)
        if inner is None or at >= len(path):
            break
        part = inner
    return part, field


def _top(path: Path) -> type[StrictModel]:
    return TemplatesAndDefaults if path and path[0] in TemplatesAndDefaults.model_fields else Topology


def _written(path: Path) -> Path:
    """Return an error's path as it is written: without the steps by which pydantic tells apart what a value may be."""
    part = _top(path)
    at = 0
    while at < len(path) and (info := part.model_fields.get(str(path[at]))) is not None:
        inner = next((each for each in [info.annotation, *_metadata(info.annotation)] if _is_part(each)), None)
        at += 1 + _is_mapping(info.annotation)
        if inner is None:
            return (*path[:at], *(step for step in path[at:] if isinstance(step, int) or step == "[key]"))
        part = inner
    return path


def _is_part(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, StrictModel)


def _is_mapping(annotation: Any) -> bool:
    return any(get_origin(each) is dict for each in [annotation, *get_args(annotation)])
