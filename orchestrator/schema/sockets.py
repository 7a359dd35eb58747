"""Schemas of sockets: what each type takes, by ZeroMQ's tables."""

from __future__ import annotations

from typing import Any

from orchestrator.schema.descriptions import KEYS, LINGER, OPTION_DEFAULTS, VALUES
from orchestrator.schema.values import Schema, boolean, nullable, several, text, value, word
from orchestrator.zeromq.options import OPTIONS, Option, expected
from orchestrator.zeromq.quantities import DURATION_PATTERN, SIZE_PATTERN
from orchestrator.zeromq.sockets import FILTERING, TYPES

STABLE = tuple(name for name, each in TYPES.items() if not each.draft)
"""The types that every libzmq has."""

OTHER = {"^x-": True}
_QUANTITIES = {"ms": DURATION_PATTERN, "s": DURATION_PATTERN, "bytes": SIZE_PATTERN}


def definitions() -> dict[str, Schema]:
    """Return the schemas of sockets, of each type's options, and of each option."""
    return {
        "socket": {
            "description": KEYS["Socket"][""],
            "anyOf": [*_type()["anyOf"][:1], {"$ref": "#/$defs/socket-body"}],
        },
        "socket-body": _body(),
        "socket-defaults": _defaults(),
        "any-options": _options("sockets", (*OPTIONS, "subscribe")),
        **{f"options-{kind}": _options(kind, _names(kind)) for kind in STABLE},
        "bytes": _bytes(text(), r"^\s*([0-9a-fA-F]{2}\s*)*$"),
        "subscribe": {"description": KEYS["Socket"]["subscribe"], **nullable(several({"$ref": "#/$defs/bytes"}))},
        **{f"option-{option.name}": _option(option) for option in OPTIONS.values()},
    }


def _body() -> Schema:
    """Only the options of its type; of any type where there is none, as in an overlay."""
    kinds: list[Schema] = [
        {
            "if": {"type": "object", "properties": {"type": {"const": kind}}, "required": ["type"]},
            "then": {"$ref": f"#/$defs/options-{kind}"},
        }
        for kind in STABLE
    ]
    known: Schema = {"type": "object", "properties": {"type": {"enum": list(STABLE)}}, "required": ["type"]}
    return value(
        "object",
        "null",
        expected="a type such as PUSH, or a mapping with type and options",
        title="Socket",
        description=KEYS["Socket"][""],
        properties={"type": {"description": KEYS["Socket"]["type"], **nullable(_type())}},
        allOf=[*kinds, {"if": known, "else": {"$ref": "#/$defs/any-options"}}],
    )


def _type() -> Schema:
    return word(STABLE, VALUES["Socket.type"])


def _names(kind: str) -> list[str]:
    known = [name for name, option in OPTIONS.items() if option.types is None or kind in option.types]
    return [*(["subscribe"] if kind in FILTERING else []), *known]


def _options(title: str, names: Any) -> Schema:
    """``type`` stands in the body; a pattern keeps it from being offered once more."""
    return {
        "title": f"Options of {title}",
        "properties": {name: _reference(name) for name in names},
        "patternProperties": {**OTHER, "^type$": True},
        "additionalProperties": False,
    }


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{'subscribe' if name == 'subscribe' else f'option-{name}'}"}


def _defaults() -> Schema:
    """Options for all types, and under a type's name those of that type."""
    kinds = {
        kind: {
            "description": f"Options for all {kind} sockets: {VALUES['Socket.type'][kind]}.",
            "$ref": f"#/$defs/options-{kind}",
            "type": ["object", "string", "null"],
            "pattern": value()["pattern"],
            "not": {"type": "object", "required": ["type"]},
        }
        for kind in STABLE
    }
    return value(
        "object",
        "null",
        expected="a mapping from options to values",
        title="Defaults of sockets",
        properties={**kinds, **{name: _reference(name) for name in (*OPTIONS, "subscribe")}},
        patternProperties=OTHER,
        additionalProperties=False,
    )


def _option(option: Option) -> Schema:
    default = OPTION_DEFAULTS.get(option.name)
    return {
        "description": " ".join(_about(option)),
        **({} if default is None else {"default": default}),
        **nullable(_value(option)),
    }


def _about(option: Option) -> list[str]:
    said = [f"{option.about[0].upper()}{option.about[1:]}."]
    if option.unit:
        said.append(f"Unit of a bare number: {option.unit}.")
    if option.name in OPTION_DEFAULTS:
        default = OPTION_DEFAULTS[option.name]
        said.append(f"Default: {str(default).lower() if isinstance(default, bool) else default}.")
    if option.name == "linger":
        said.append(LINGER)
    if option.needs:
        said.append(f"Only where libzmq was built with {option.needs}.")
    return [*said, f"ZMQ_{option.name.upper()} in zmq_setsockopt(3)."]


def _value(option: Option) -> Schema:
    if option.kind == "text":
        return text(rf"^[^\u0000]{{{_lengths(option)}}}$", expected(option))
    if option.kind == "bytes":
        return _bytes(text(f"^[\\s\\S]{{{_lengths(option)}}}$"), rf"^\s*([0-9a-fA-F]{{2}}\s*){{{_lengths(option)}}}$")
    if option.kind == "bool":
        words = f"^(true|false|0|1{'|-1' if option.minimum < 0 else ''})$"
        return {**boolean(), **_number(option, words, "boolean", "integer")}
    quantity = _QUANTITIES.get(option.unit or "")
    sign = "-?" if option.minimum < 0 else ""
    forms = f"^{sign}[0-9]{{1,20}}$" + (f"|^{quantity}$" if quantity else "")
    return _number(option, forms, "integer")


def _number(option: Option, forms: str, *types: str) -> Schema:
    return value(*types, expected=expected(option), pattern=forms, minimum=option.minimum, maximum=option.maximum)


def _lengths(option: Option) -> str:
    """Return the bounds of a pattern: characters are bytes, or several of them, so the lower one is 0 or 1."""
    return f"{min(option.minimum, 1)},{option.maximum if option.maximum < 1000 else ''}"


def _bytes(plain: Schema, digits: str) -> Schema:
    """Text, or ``{hex: "0102"}``."""
    octets: Schema = {
        "type": "object",
        "properties": {
            "hex": {
                "description": "Bytes, two hexadecimal digits each.",
                "type": ["string", "number"],
                "pattern": digits,
                "errorMessage": "expected two hexadecimal digits for each byte",
            }
        },
        "required": ["hex"],
        "additionalProperties": False,
    }
    return {"anyOf": [plain, octets]}
