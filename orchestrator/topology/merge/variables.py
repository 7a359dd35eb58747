"""``${...}``: variables of the file, of ``--set`` and of the environment are replaced, those of a process are left.

What is left for the planner is in its own form: ``${index}`` and its like live, and a ``$${index}`` that is meant as
text still with its second ``$``, which the planner takes away. So is what comes from outside: it is never looked into.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from orchestrator.shortlist import first
from orchestrator.topology.collector import Diagnostics
from orchestrator.topology.diagnostics.diagnostic import Diagnostic
from orchestrator.topology.names import NAME, NAMES
from orchestrator.topology.parse.document import DEEPEST
from orchestrator.topology.parse.interpolation import BadVariable, Reference, parse
from orchestrator.topology.parse.position import Path
from orchestrator.topology.parse.scalars import as_text, typed

OF_PROCESS = ("index", "count", "node", "process", "mesh")
PROCESS = frozenset(OF_PROCESS)
"""Known only for one process."""

PER_ITEM = frozenset({"key", "each"})
"""Known only for one process of a node with ``each``."""

MOST_NAMES = 20
"""So many variables are listed in a message."""

ADDRESSES = frozenset({"endpoint", "endpoints"})
RESERVED = PROCESS | PER_ITEM | ADDRESSES | {"env"}

MOST = 4_000_000
"""What lists, mappings and long texts of variables may unfold to in one file: characters, and eight for each value."""

LONG_TEXT = 1_000
LONGEST_CHAIN = 20
"""Of variables that use one another."""

LIVE = re.compile(
    r"(\$?)\$\{(index|count|node|process|mesh|key|each(?:\.[A-Za-z_][A-Za-z0-9_-]*)?|endpoints?\.[a-z][a-z0-9_-]*)\}"
)
"""A variable of the process in the planner's form: what is escaped, and the name."""


IN_NODE = frozenset({"args", "env", "env_file", "command", "working_dir", "stdin", "sockets", "each", "ready", "live"})
"""Keys of a node in which variables of the process can be used."""

WITH_ADDRESSES = frozenset({"command", "env", "ready", "live"})
"""Those of them in which endpoints can be used."""


_DONE = frozenset({"vars", "include", "templates"})


class _Unknown(BadVariable):
    """A variable that another one makes, with which something is wrong; that is said there."""


class Variables:
    """The variables of one topology, each worked out once, at its first use."""

    def __init__(self, findings: Diagnostics, sets: Mapping[str, str], environ: Mapping[str, str]) -> None:
        self._findings, self._sets, self._environ = findings, sets, environ
        declared = findings.document.data.get("vars")
        self._declared: dict[str, Any] = declared if isinstance(declared, dict) else {}
        self._done: dict[str, tuple[Any, int, int]] = {}  # value, how deep, how large
        self._doing: list[str] = []
        self._used: set[str] = set()
        self._unknown: set[str] = set()
        self._unfolded = 0
        if declared is not None and not isinstance(declared, dict):
            findings.add("S012", ("vars",), "vars is no mapping", "a mapping from names to values")
        for name in self._declared:
            if name in RESERVED:
                findings.add("S014", ("vars", name), f"{name} is a reserved name", "another name", key=True)
            elif not re.fullmatch(NAME, name) and not name.startswith("x-"):
                expected = NAMES
                findings.add("S014", ("vars", name), f"{name[:70]!r} is no name", expected, key=True)

    def settle(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the data of the document with variables replaced, and without what is done with then."""
        settled = {key: value for key, value in data.items() if key not in _DONE and not key.startswith("x-")}
        if "templates" in data:
            settled = {"templates": data["templates"], **settled}  # first, so that what is wrong is said there
        if self._findings.document.variables:
            settled = {key: self._walk(value, (key,), 1) for key, value in settled.items()}
        for name in self._declared:
            self._value(name, len(self._doing))
        for name in self._sets:
            if name not in self._declared and name not in self._used:
                near = " or ".join(self._findings.near(name, {*self._declared, *self._used}))
                hint = f"did you mean {near}?" if near else ""
                message = f"{name} is no variable of {self._findings.document.file}"
                self._findings.note(Diagnostic("--set", 0, 0, "", message, self._settable(), hint, "S020"))
        return settled

    def _walk(self, value: Any, path: Path, level: int) -> Any:
        """Return a value with its variables replaced. What is wrong is noted, and left as it is."""
        kind = value.__class__
        if kind is str:
            return self._text(value, path, level) if "${" in value else value
        if kind is dict:
            result = {}
            for key, item in value.items():
                if item.__class__ is str:
                    result[key] = self._text(item, (*path, key), level) if "${" in item else item
                else:
                    result[key] = self._walk(item, (*path, key), level + 1)
            return result
        if kind is list:
            return [self._walk(item, (*path, number), level + 1) for number, item in enumerate(value)]
        return value

    def _text(self, text: str, path: Path, level: int) -> Any:
        try:
            return self._finished(self._replaced(text, level), path)
        except BadVariable as error:
            if not isinstance(error, _Unknown):
                self._findings.add("S020", path, error.message, error.expected, error.suggestion)
            if path[0] == "vars":
                self._unknown.add(str(path[1]))
            self._findings.depends(path)
            return text

    def _finished(self, value: Any, path: Path) -> Any:
        """Hold a replaced value against the place where it stands."""
        if path[0] == "vars":
            return value
        if isinstance(value, str):
            return self._placed(value, path) if "${" in value else value
        if isinstance(value, dict):
            return {key: self._finished(item, (*path, key)) for key, item in value.items()}
        return [self._finished(item, path) for item in value] if isinstance(value, list) else value

    def _placed(self, text: str, path: Path) -> str:
        key = path[2] if len(path) > 2 else ""
        node = (path[0] in ("nodes", "templates") or path[:2] == ("defaults", "node")) and key in IN_NODE
        if not (node or path[:2] == ("defaults", "socket") or (path[0] == "edges" and key == "endpoint")):
            for dollar, name in LIVE.findall(text):
                if not dollar:
                    where = f"{', '.join(sorted(IN_NODE))} of a node, or the endpoint of an edge"
                    raise BadVariable(f"${{{name}}} is known only for one process", f"it in {where}")
            return LIVE.sub(lambda match: match[0].removeprefix("$") if match[1] else match[0], text)
        for dollar, name in LIVE.findall(text):
            if dollar:
                continue
            if name.startswith("endpoint") and not (node and key in WITH_ADDRESSES):
                where = "command, env, live or ready of a node"
                raise BadVariable(f"${{{name}}} is known only once addresses are", f"it in {where}")
            if name.partition(".")[0] in PER_ITEM:
                self._item(name, path)
        return text

    def _item(self, name: str, path: Path) -> None:
        """Hold ``${key}`` or ``${each}`` against what can be seen here: that its node has items. Raise BadVariable."""
        if path[0] == "defaults":
            raise BadVariable(f"${{{name}}} is known only in a node with `each`", "", "write it in such nodes")
        if path[0] == "nodes" and self._findings.document.at((*path[:2], "each")) is None:
            raise BadVariable(f"${{{name}}} is known only under `each`", "`each` in this node", "or ${index}")
        if path[2] == "each" and name != "key":
            raise BadVariable(f"${{{name}}} cannot be used in the items themselves")

    def _replaced(self, text: str, level: int) -> Any:
        """Return a text with its variables replaced; for a lone one, what it stands for. Raise BadVariable."""
        if level > DEEPEST:
            raise BadVariable(f"variables make this more than {DEEPEST} deep")
        parts = parse(text)
        if len(parts) == 1 and isinstance(parts[0], Reference):
            return self._use(parts[0], level)
        pieces = [_quoted(part) if isinstance(part, str) else self._piece(part, level) for part in parts]
        return "".join(pieces)

    def _piece(self, use: Reference, level: int) -> str:
        value = self._use(use, level)
        if isinstance(value, dict | list):
            kind = "mapping" if isinstance(value, dict) else "list"
            raise BadVariable(f"{use} is a {kind}, and cannot stand inside a text", "a scalar")
        return "" if value is None else str(as_text(value))

    def _use(self, use: Reference, level: int) -> Any:
        if use.scope in ADDRESSES or use.scope == "each" or (not use.scope and use.name in PROCESS | PER_ITEM):
            if use.operator:
                if use.scope == "each":
                    raise BadVariable(f"{use} takes no {use.operator}", str(use), f"write {use.name} in every item")
                raise BadVariable(f"{use} is always known, and takes no {use.operator}", str(use))
            return str(use)
        if use.scope == "env":
            text = self._environ.get(use.name)
            value, depth, size = (None if text is None else _outside(text)), 0, len(text or "")
        else:
            value, depth, size = self._value(use.name, level)
            if use.name in self._unknown and use.name not in self._sets:
                raise _Unknown(f"{use} is not known")
        if value is None or (value == "" and use.operator):
            return self._instead(use, level)
        if level + depth > DEEPEST:
            raise BadVariable(f"{use} makes this more than {DEEPEST} deep")
        if depth or size > LONG_TEXT:
            self._unfolded += size
        if self._unfolded > MOST:
            raise BadVariable("variables unfold to more than this program reads")
        return value

    def _instead(self, use: Reference, level: int) -> Any:
        """Return what stands in for a variable that is not set, or empty."""
        if use.operator == ":-":
            value = self._replaced(use.operand, level + 1)
            return typed(value) if value.__class__ is str else value
        if use.operator == ":?":
            message = as_text(self._replaced(use.operand, level + 1)) if use.operand else "it must be set"
            raise BadVariable(f"{use}: {message}")
        if use.scope == "env":
            raise BadVariable(
                f"{use.name} is not set in the environment", "", f"set it, or write ${{env.{use.name}:-default}}"
            )
        if use.name in self._declared:
            raise BadVariable(f"{use} has no value", "", f"write {use.name} in vars, or --set {use.name}=VALUE")
        near = " or ".join(self._findings.near(use.name, [*self._declared, *OF_PROCESS]))
        hint = f"did you mean {near}?" if near else f"write it in vars, or --set {use.name}=VALUE"
        raise BadVariable(f"there is no variable {use.name[:70]}", self._there_are(), hint)

    def _settable(self) -> str:
        names = list(self._declared)
        return ", ".join(names[:MOST_NAMES]) + (", ..." if len(names) > MOST_NAMES else "") or "none: it has no vars"

    def _there_are(self) -> str:
        """Return which variables there are."""
        ours = [name for name in self._declared if not name.startswith("x-")]
        return ", ".join([*first(ours, MOST_NAMES), *OF_PROCESS, "env.NAME"])

    def _value(self, name: str, level: int) -> tuple[Any, int, int]:
        """Return the value of a variable, how deep it is and how large; None where it has none. Raise BadVariable."""
        self._used.add(name)
        if name in self._done:
            return self._done[name]
        if name in self._sets:
            return _outside(self._sets[name]), 0, len(self._sets[name])
        if name not in self._declared:
            return None, 0, 0
        if name in self._doing:
            loop = " -> ".join([*self._doing[self._doing.index(name) :], name])
            raise BadVariable(f"variables use one another in a loop: {loop}")
        if len(self._doing) == LONGEST_CHAIN:
            raise BadVariable(f"a chain of more than {LONGEST_CHAIN} variables")
        self._doing.append(name)
        try:
            value = self._walk(self._declared[name], ("vars", name), level + 1)
        finally:
            self._doing.pop()
        self._done[name] = (value, *_measured(value))
        return self._done[name]


def _quoted(text: str) -> str:
    """Return a literal text in the planner's form."""
    return LIVE.sub(r"$\g<0>", text) if "${" in text else text


def _outside(text: str) -> Any:
    """Return what --set or the environment holds: as typed where text is wanted, read by the core schema elsewhere."""
    return typed(_quoted(text))


def _measured(value: Any) -> tuple[int, int]:
    """Return how deep a value is, and how large: its characters and eight for each value."""
    if isinstance(value, str):
        return 0, 8 + len(value)
    if isinstance(value, dict | list):
        inner = [_measured(item) for item in (value.values() if isinstance(value, dict) else value)]
        return 1 + max((depth for depth, _ in inner), default=0), 8 + sum(size for _, size in inner)
    return 0, 8
