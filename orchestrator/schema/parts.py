"""Schemas of the parts of a topology, from the fields of the model: their types, bounds and defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from orchestrator.schema.descriptions import KEYS, VALUES
from orchestrator.schema.values import (
    ANYTHING,
    Schema,
    boolean,
    constant,
    duration,
    mapping,
    nullable,
    several,
    size,
    text,
    value,
    word,
    written_duration,
    written_size,
)
from orchestrator.topology import model, names
from orchestrator.topology.diagnostics.hints import NEUTRAL_VALUES
from orchestrator.topology.merge.variables import RESERVED
from orchestrator.topology.model import Expectation, StrictModel
from orchestrator.zeromq.endpoints import OTHER_TRANSPORTS, TRANSPORTS
from orchestrator.zeromq.quantities import DURATION, SIZE, SIZE_PATTERN

PARTS: tuple[type[StrictModel], ...] = (
    model.Node,
    model.NodeBase,
    model.Restart,
    model.Ready,
    model.Live,
    model.Stop,
    model.Limits,
    model.Cpu,
    model.Resources,
    model.Edge,
    model.EdgeDefaults,
    model.Pairing,
    model.Batch,
    model.Delivery,
    model.Defaults,
    model.Logs,
    model.Lint,
)
"""The parts that have a schema of their own, beside the topology itself; sockets are `schema.sockets`'."""

OURS = frozenset({"Topology.files", "Node.folder"})
"""Fields that nobody writes."""

NAME = f"^{names.NAME}$"
_BOUNDS = {"minimum": "ge", "maximum": "le"}
_NAMES: Schema = {"title": "name", "pattern": NAME, "errorMessage": f"expected {names.NAMES}"}
_WORD = r"[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*"
_CALLABLE = rf"^{_WORD}(\.{_WORD})*:{_WORD}(\.{_WORD})*$"
_END = rf"^{names.ITEM}\.{names.NAME}$"
_URL = r"^https?://[^\s/]"
_TRANSPORTS = "|".join(sorted(TRANSPORTS | OTHER_TRANSPORTS))
_WITHOUT_VARIABLES = r"^(?!.*\$\{)"

SHORT: Mapping[type[StrictModel], str] = {model.Restart: "policy", model.Pairing: "kind", model.Delivery: "kind"}
"""Parts for which the value of one key may stand."""


def definitions() -> dict[str, Schema]:
    """Return the schemas of all parts but the topology."""
    return {_definition(part): body(part) for part in PARTS}


def body(part: type[StrictModel]) -> Schema:
    """Return the schema of a part: its keys, those that begin with ``x-``, and no others."""
    own = [key for key in part.model_fields if key in part.__annotations__]
    keys = [key for key in dict.fromkeys([*own, *part.model_fields]) if f"{part.__name__}.{key}" not in OURS]
    fields = {key: field(part, key, part.model_fields[key]) for key in keys}
    beside = {key: _described(part, key, schema()) for key, schema in _beside(part).items()}
    return value(
        "object",
        "null",
        title=part.__name__,
        description=KEYS[part.__name__][""],
        properties=fields | beside,
        patternProperties={"^x-": True},
        additionalProperties=False,
    )


def _beside(part: type[StrictModel]) -> dict[str, Callable[[], Schema]]:
    return {key: schema for each in part.__mro__ for key, schema in _BESIDE.get(each, {}).items()}


def field(part: type[StrictModel], key: str, info: FieldInfo) -> Schema:
    """Return the schema of a key, with what an editor says about it."""
    made = _first(_MADE, part, key)
    schema = made() if made else _written(info.annotation, info.metadata, _first(VALUES, part, key))
    default = _default(info)
    if default is None:
        return _described(part, key, schema)
    said = _described(part, key, schema)
    if default not in ([], {}) and "Default:" not in said["description"]:
        said["description"] += f" Default: {str(default).lower() if isinstance(default, bool) else default}."
    return {"description": said.pop("description"), "default": default, **said}


def _first(table: Mapping[str, Any], part: type[StrictModel], key: str) -> Any:
    """Return what a table has for a key of a part, or of the part that it has the key from."""
    names = (f"{each.__name__}.{key}" for each in part.__mro__)
    return next((table[name] for name in names if name in table), None)


def _described(part: type[StrictModel], key: str, schema: Schema) -> Schema:
    owners = [each.__name__ for each in part.__mro__ if key in KEYS.get(each.__name__, {})]
    return {"description": KEYS[owners[0]][key], **nullable(schema)}


def _written(
    annotation: Any, metadata: list[Any], about: Mapping[str, str] | None = None, expected: str = ""
) -> Schema:
    """Return the schema of what people write for a field of some type."""
    kind, known = _bare(annotation, metadata)
    expected = next((each.text for each in known if isinstance(each, Expectation)), expected)
    if expected in (DURATION, SIZE):
        return duration() if expected == DURATION else size()
    if get_origin(kind) is Literal:
        return word(get_args(kind), about)
    if get_origin(kind) is dict:
        names, item = get_args(kind)
        return mapping(_names(names), _written(item, []), expected)
    if get_origin(kind) is tuple:
        return several(_written(get_args(kind)[0], [], expected=expected))
    if isinstance(kind, type) and issubclass(kind, StrictModel):
        return _reference(kind)
    return _scalar(kind, known, expected)


def _scalar(kind: Any, known: list[Any], expected: str) -> Schema:
    if kind is bool:
        return boolean()
    if kind in (int, float):
        bounds: Schema = {}
        for each in known:
            bounds |= {
                word: bound for word, name in _BOUNDS.items() if (bound := getattr(each, name, None)) is not None
            }
        return value("integer" if kind is int else "number", expected=expected or "a whole number", **bounds)
    if kind is str:
        return text(str(_pattern(known).get("pattern", "")), expected or "text")
    return ANYTHING


def _bare(annotation: Any, metadata: list[Any]) -> tuple[Any, list[Any]]:
    """Return a type without None and without what is annotated, and that."""
    known = list(metadata)
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            known += [each for item in more for each in (item.metadata if isinstance(item, FieldInfo) else [item])]
        elif get_origin(annotation) in (Union, UnionType):
            annotation = next(each for each in get_args(annotation) if each is not NoneType)
        else:
            return annotation, known


def _names(annotation: Any) -> Schema:
    """Return the schema of the keys of a mapping."""
    form = _pattern(_bare(annotation, [])[1])
    return _NAMES if form.get("pattern") == NAME else {"title": "name", **form}


def _pattern(known: list[Any]) -> Schema:
    r"""Return the form of a text, with ``^`` and ``$`` for ``\A`` and ``\z``, which ECMAScript does not have."""
    for each in known:
        if form := getattr(each, "pattern", None):
            return {"pattern": str(form).replace(r"\A", "^").replace(r"\z", "$").replace(r"\x00", r"\u0000")}
    return {}


def _reference(part: type[StrictModel]) -> Schema:
    """Refer to a part; the value of one key may stand for some."""
    reference = {"$ref": f"#/$defs/{_definition(part)}"}
    if part is model.Ready:
        return {"anyOf": [*word(("library", "listening", "notify"), VALUES["NodeBase.ready"])["anyOf"][:1], reference]}
    if part not in SHORT:
        return reference
    key = SHORT[part]
    info = part.model_fields[key]
    words = word(get_args(info.annotation), VALUES[f"{part.__name__}.{key}"])
    return {"anyOf": [*words["anyOf"][:1], reference]}


def _definition(part: type[StrictModel]) -> str:
    return {"NodeBase": "node-defaults", "EdgeDefaults": "edge-defaults"}.get(part.__name__, part.__name__.lower())


def _default(info: FieldInfo) -> Any:
    """Return the default of a field as people write it; None where it has none."""
    default = info.get_default(call_default_factory=True, validated_data={})
    expected = next((each.text for each in info.metadata if isinstance(each, Expectation)), "")
    if info.is_required() or default is None:
        return None
    if isinstance(default, StrictModel):
        return getattr(default, SHORT[type(default)]) if type(default) in SHORT else {}
    if isinstance(default, tuple):
        return list(default)
    if isinstance(default, float) and "a duration" in expected:
        return written_duration(default)
    return written_size(default) if "a size" in expected else default


# ---- what the model's types do not tell


def _command() -> Schema:
    expected = "a program and its arguments, as text or as a list"
    return {"anyOf": [text(r"\S", expected), {"type": "array", "items": text(), "minItems": 1}]}


def _depends_on() -> Schema:
    name = value(expected="the name of a node", pattern=NAME)
    conditions = word(get_args(model.Condition), VALUES["NodeBase.depends_on"])
    by_name = mapping(_NAMES, conditions, "a list of nodes, or a mapping from nodes to started, ready or done")
    return {"anyOf": [by_name, {"type": "array", "items": name}, name]}


def _limit(expected: str) -> Schema:
    form = value("integer", expected=expected, pattern=f"^{SIZE_PATTERN}$", minimum=0, maximum=0)
    return {"anyOf": [form, {"enum": ["unlimited"]}]}


def _each() -> Schema:
    item = text(f"^{names.ITEM}$", "an item: letters, digits, - and _")
    items = mapping({"pattern": f"^{names.ITEM}$"}, ANYTHING, "a list of scalars, or a mapping")
    return {"anyOf": [items, {"type": "array", "items": item}]}


def _pairs() -> Schema:
    end: Schema = {"type": ["integer", "string"]}
    pair = {"type": ["array", "string"], "items": end, "minItems": 2, "maxItems": 2}
    return value("array", expected="a list of [bind, connect], each a number or an item", items=pair)


def _plain(only: str) -> Schema:
    """Make the schema of a key that can say only how things are without it."""
    long = {
        "type": "object",
        "properties": {"kind": {"enum": [only]}},
        "required": ["kind"],
        "additionalProperties": False,
    }
    return {"anyOf": [*word((only,))["anyOf"], long]}


def _vars() -> Schema:
    names = {
        "title": "name",
        "pattern": rf"{NAME}|^x-",
        "not": {"enum": sorted(RESERVED)},
    }
    return {
        "type": ["object"],
        "propertyNames": names,
        "additionalProperties": ANYTHING,
        "errorMessage": "expected a mapping from names to values",
    }


_MADE: Mapping[str, Callable[[], Schema]] = {
    "Topology.name": lambda: text(NAME, names.NAMES),
    "Node.python": lambda: value(expected="module:callable", pattern=_CALLABLE),
    "Node.command": _command,
    "Ready.command": _command,
    "Live.command": _command,
    "Node.each": _each,
    "Node.sockets": lambda: mapping(_NAMES, {"$ref": "#/$defs/socket"}, "a mapping from names to sockets"),
    "NodeBase.depends_on": _depends_on,
    "Restart.max_attempts": lambda: {
        "anyOf": [value("integer", minimum=0, expected="a whole number, or unlimited"), {"enum": ["unlimited"]}]
    },
    "Limits.memlock": lambda: _limit("a size such as 64MiB, or unlimited"),
    "Limits.core": lambda: _limit("a size such as 64MiB, 0, or unlimited"),
    "Ready.http": lambda: value(expected="a URL", pattern=_URL),
    "Live.http": lambda: value(expected="a URL", pattern=_URL),
    "Edge.bind": lambda: several(value(expected="node.socket, or a list of them", pattern=_END)),
    "Edge.connect": lambda: several(value(expected="node.socket, or a list of them", pattern=_END)),
    "Edge.endpoint": lambda: value(expected="an address such as tcp://*:5600", pattern=f"^({_TRANSPORTS})://."),
    "EdgeDefaults.batch": lambda: {"anyOf": [{"enum": ["off"]}, {"$ref": "#/$defs/batch"}]},
    "Pairing.pairs": _pairs,
    "Delivery.fsync": lambda: {"anyOf": [duration(), {"enum": ["always", "never"]}]},
    "Delivery.max_size": size,
    "Delivery.keep": lambda: {"anyOf": [duration(), size()]},
}
"""Fields that are written in other forms than their type says."""

_BESIDE: Mapping[type, Mapping[str, Callable[[], Schema]]] = {
    model.Topology: {
        "defaults": lambda: {"default": {}, "$ref": "#/$defs/defaults"},
        "include": lambda: several(constant(_WITHOUT_VARIABLES, "a path without variables, or a list of them")),
        "vars": _vars,
        "templates": lambda: mapping(_NAMES, {"$ref": "#/$defs/node"}, "a mapping from names to bodies of nodes"),
    },
    model.Node: {"extends": lambda: constant(NAME, "the name of a template")},
    model.EdgeDefaults: {key: partial(_plain, value) for key, value in NEUTRAL_VALUES.items()},
    model.Defaults: {"socket": lambda: {"$ref": "#/$defs/socket-defaults"}},
}
"""Keys that people write and the model does not have."""
