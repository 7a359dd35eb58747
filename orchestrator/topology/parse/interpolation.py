"""The syntax of ``${...}``: a text as literal parts and uses of variables."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from orchestrator.errors import OrchestratorError
from orchestrator.topology.names import NAME

SHORT = 200
"""Texts of no more characters are remembered: the same ones come again and again."""

MOST = 2_000
"""A text may have so many parts, variables and what stands between them."""

_START = re.compile(r"\$\$\{|\$\{")
_INSIDE = re.compile(rf"(env|endpoints?|each)\.([A-Za-z_][A-Za-z0-9_-]*)|({NAME})")
_FORMS = "${name}, ${name:-default}, ${name:?message} or ${env.NAME}"


class Reference(NamedTuple):
    """One ``${...}``: ``scope`` is env, endpoint, endpoints, each or empty; ``operator`` ``:-``, ``:?`` or empty."""

    scope: str
    name: str
    operator: str
    operand: str

    def __str__(self) -> str:
        return f"${{{self.scope}.{self.name}}}" if self.scope else f"${{{self.name}}}"


class BadVariable(OrchestratorError):
    """A ``${...}`` that cannot be replaced."""

    def __init__(self, message: str, expected: str = "", suggestion: str = "") -> None:
        super().__init__(message)
        self.message, self.expected, self.suggestion = message, expected, suggestion


def parse(text: str) -> tuple[str | Reference, ...]:
    """Split a text into literal parts and uses of variables. Raise BadVariable."""
    return _remembered(text) if len(text) <= SHORT else _parsed(text)


def _parsed(text: str) -> tuple[str | Reference, ...]:
    parts: list[str | Reference] = []
    literal, at = "", 0
    while found := _START.search(text, at):
        literal += text[at : found.start()]
        if found[0] == "$${":
            literal, at = literal + "${", found.end()
            continue
        end = _end(text, found.end())
        if literal:
            parts.append(literal)
        parts.append(_read(text[found.end() : end]))
        if len(parts) > MOST:
            raise BadVariable(f"more than {MOST} parts of a text are variables")
        literal, at = "", end + 1
    literal += text[at:]
    return (*parts, literal) if literal or not parts else tuple(parts)


_remembered = lru_cache(maxsize=4096)(_parsed)


def _end(text: str, start: int) -> int:
    """Return where the brace closes that opened before ``start``; references nest, other braces are text."""
    depth, at = 1, start
    while at < len(text):
        if text.startswith("${", at):
            depth, at = depth + 1, at + 1
        elif text[at] == "}":
            depth -= 1
            if not depth:
                return at
        at += 1
    raise BadVariable("a ${ that no } closes", _FORMS, "write $${ for a plain ${")


def _read(inside: str) -> Reference:
    found = _INSIDE.match(inside)
    rest = inside[found.end() :] if found else inside
    if not found or (rest and rest[:2] not in (":-", ":?")):
        raise BadVariable("this ${...} is no variable", _FORMS, "write $${ for a plain ${")
    return Reference(found[1] or "", found[2] or found[3], rest[:2], rest[2:])
