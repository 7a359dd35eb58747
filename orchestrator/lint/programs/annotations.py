"""Whether plain data is of the type that an annotation says. In doubt it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "bool": (bool,),
    "list": (list,),
    "dict": (dict,),
    "Sequence": (list, str),
    "Mapping": (dict,),
}
_KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a mapping",
}


def fits(value: Any, annotation: str) -> bool:
    """Return whether a value is of a type; a whole number is a float too, and true is no number."""
    return value is None or _fits(value, _parsed(annotation))


def kind_of(value: Any) -> str:
    """Return what a value is, in words."""
    return _KINDS.get(type(value), "nothing")


def names(annotation: str) -> Iterator[str]:
    """Yield the names that an annotation uses."""
    parsed = _parsed(annotation)
    yield from (each.id for each in ast.walk(parsed) if isinstance(each, ast.Name)) if parsed is not None else ()


@lru_cache(maxsize=1024)
def _parsed(annotation: str) -> ast.expr | None:
    try:
        parsed = ast.parse(annotation, mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        return None
    if isinstance(parsed, ast.Constant) and isinstance(parsed.value, str):
        return _parsed(parsed.value)
    return parsed


def _fits(value: Any, annotation: ast.expr | None) -> bool:
    if isinstance(annotation, ast.Name):
        known = _TYPES.get(annotation.id)
        return known is None or (isinstance(value, known) and (bool in known or not isinstance(value, bool)))
    if isinstance(annotation, ast.Constant) and annotation.value is None:
        return False
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return _fits(value, annotation.left) or _fits(value, annotation.right)
    if not isinstance(annotation, ast.Subscript):
        return True
    outer = (
        annotation.value.attr if isinstance(annotation.value, ast.Attribute) else getattr(annotation.value, "id", "")
    )
    inner = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
    if outer in ("Union", "Optional"):
        return any(_fits(value, each) for each in inner)
    if outer == "Literal":
        return any(not isinstance(each, ast.Constant) or each.value == value for each in inner)
    if outer in ("list", "Sequence", "List") and isinstance(value, list):
        return all(_fits(each, inner[0]) for each in value)
    if outer in ("dict", "Mapping", "Dict") and isinstance(value, dict):
        return all(_fits(each, inner[-1]) for each in value.values())
    return outer not in ("list", "dict", "List", "Dict")
