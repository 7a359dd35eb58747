"""Plain data -> YAML text that every reader of YAML 1.1 and 1.2 takes for the same, with a comment on each line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from orchestrator.topology.parse.position import Path
from orchestrator.topology.parse.scalars import Written, scalar

Comment = Callable[[Path], str]

WIDTH = 100
"""A list of scalars that is no longer stands in one line."""

LONG_KEY = 100

_PLAIN = re.compile(r"[A-Za-z0-9_./$](?:(?:[\w ./$@+=,*{}\[\]()<>|&;!?~^-]|:(?=\S))*[\w./$})\]*+=-])?", re.ASCII)
_PLAIN_IN_FLOW = re.compile(r"[A-Za-z0-9_./][\w./+-]*", re.ASCII)
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_KEY = re.compile(r"[A-Za-z_][\w./-]*", re.ASCII)
_UNPRINTABLE = re.compile("[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def emit(data: dict[str, Any], comment: Comment = lambda path: "") -> str:
    """Return a mapping as YAML; ``comment`` gives what stands behind the value of a key path, empty for nothing."""
    return "".join(f"{line}\n" for line in _mapping(data, (), "", comment)) if data else "{}\n"


def _mapping(data: dict[str, Any], path: Path, indent: str, comment: Comment) -> Iterator[str]:
    for number, (key, value) in enumerate(data.items()):
        here = (*path, key)
        if not path and number and isinstance(value, dict):
            yield ""
        name = _key(key)
        start = f"{indent}{name}:" if len(name) < LONG_KEY else f"{indent}? {name}\n{indent}:"
        yield from _value(value, here, start, indent + "  ", comment)


def _value(value: Any, path: Path, start: str, indent: str, comment: Comment) -> Iterator[str]:
    """Yield what stands behind ``start``, a key or the dash of an item."""
    if isinstance(value, dict) and value:
        yield start
        yield from _mapping(value, path, indent, comment)
    elif isinstance(value, list) and value and (text := _flow(value)) is None:
        yield start
        for number, item in enumerate(value):
            yield from _value(item, (*path, number), f"{indent}-", indent + "  ", comment)
    else:
        text = _flow(value) or "[]" if isinstance(value, list) else "{}" if isinstance(value, dict) else _scalar(value)
        why = comment(path)
        yield f"{start} {text}" + (f"  # {_UNPRINTABLE.sub('?', why)}" if why else "")


def _flow(items: list[Any]) -> str | None:
    """Return a short list of scalars as one line."""
    if any(isinstance(item, dict | list) for item in items):
        return None
    text = f"[{', '.join(_scalar(item, flow=True) for item in items)}]"
    return text if len(text) <= WIDTH else None


def _key(key: str) -> str:
    return key if _KEY.fullmatch(key) and key.lower() not in _WORDS else _quoted(key)


def _scalar(value: Any, *, flow: bool = False) -> str:
    if isinstance(value, Written) and scalar(value) is not None:
        return str(value)  # a number or the like that prints differently
    if isinstance(value, str):
        plain = (_PLAIN_IN_FLOW if flow else _PLAIN).fullmatch(value) and scalar(value) is value
        return str(value) if plain and value.lower() not in _WORDS else _quoted(value)
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return ".nan" if value != value else ".inf" if value > 0 else "-.inf"
    return repr(value)


def _quoted(text: str) -> str:
    """Return a text in double quotes, which in YAML take the escapes of JSON and more."""
    return _UNPRINTABLE.sub(_escape, json.dumps(text, ensure_ascii=False))


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return "\\ufffd" if 0xD800 <= code < 0xE000 else f"\\u{code:04x}"
