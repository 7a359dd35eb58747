"""Topology -> plain data in the language itself, with nothing left to merge, extend or replace.

Loaded again it gives the same nodes and edges. Of a node whose program stands in another folder than that of the first
file the folder is written out as ``working_dir``; contents of ``env_file`` are never looked at.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from orchestrator.topology.merge.variables import IN_NODE, LIVE
from orchestrator.topology.model import Edge, Logs, Node, Restart, Socket, StrictModel, Topology
from orchestrator.topology.parse.scalars import Written
from orchestrator.topology.reading import STDIN
from orchestrator.zeromq.quantities import parse_duration, parse_size

_FIRST = ("python", "command", "external", "replicas", "each", "kind")
_NODE_KEYS = [*_FIRST, *(key for key in Node.model_fields if key not in (*_FIRST, "sockets", "folder"))]
_DURATIONS = frozenset(
    {"delay", "max_delay", "window", "interval", "within", "timeout", "grace", "fsync", "reassign_after"}
)
_SIZES = frozenset({"max_size", "keep", "memory", "memlock", "core"})
_SECONDS = {"h": Decimal(3600), "m": Decimal(60), "s": Decimal(1), "ms": Decimal("1e-3"), "us": Decimal("1e-6")}
_BYTES = {
    "TiB": 1024**4,
    "GiB": 1024**3,
    "MiB": 1024**2,
    "KiB": 1024,
    "TB": 10**12,
    "GB": 10**9,
    "MB": 10**6,
    "kB": 1000,
}


def plain(topology: Topology) -> dict[str, Any]:
    """Return what a topology declares as mappings, lists and scalars; what is as by default is left out."""
    first = topology.files[0] if topology.files else STDIN
    home = os.getcwd() if first == STDIN else os.path.dirname(os.path.realpath(first))
    data: dict[str, Any] = {"name": topology.name}
    if topology.nodes:
        data["nodes"] = {name: _node(node, home) for name, node in topology.nodes.items()}
    if topology.edges:
        data["edges"] = {name: _edge(edge) for name, edge in topology.edges.items()}
    if topology.logs != Logs():
        data["logs"] = _part(topology.logs)
    if lint := _part(topology.lint):
        data["lint"] = lint
    return data


def duration(seconds: float) -> str:
    """Return a duration as the language writes it: ``parse_duration`` gives the very number again."""
    exact = Decimal(repr(seconds))
    texts = [f"{exact / size:f}{unit}" for unit, size in _SECONDS.items()]
    whole = [f"{int(exact / size)}{unit}" for unit, size in _SECONDS.items() if exact and exact % size == 0]
    return next((text for text in [*whole, *reversed(texts)] if _reads(parse_duration, text, seconds)), f"{exact:f}s")


def size(number: int) -> str:
    """Return a size as the language writes it: ``parse_size`` gives the very number again."""
    whole = [f"{number // unit}{name}" for name, unit in _BYTES.items() if number % unit == 0]
    texts = [*whole, f"{number}B", f"{Decimal(number) / 10**12:f}TB"]
    return next((text for text in texts if _reads(parse_size, text, number)), f"{number}B")


def _reads(parse: Any, text: str, value: float) -> bool:
    try:
        return bool(parse(text) == value)
    except ValueError:
        return False


def _node(node: Node, home: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    defaults = _defaults(Node)
    for key in _NODE_KEYS:
        value = getattr(node, key)
        if value != defaults[key]:
            made[key] = _settled(key, value)
    if node.kind != "service" and node.restart.policy == Restart().policy:
        made.setdefault("restart", {})["policy"] = node.restart.policy
    if node.working_dir is None and not node.external and node.folder not in ("", home):
        made["working_dir"] = _escaped(node.folder, live=True)
    if node.sockets:
        made["sockets"] = {name: _socket(socket) for name, socket in node.sockets.items()}
    return made


def _settled(key: str, value: Any) -> Any:
    """Return a node's value as it can be written."""
    if isinstance(value, StrictModel):
        value = _part(value)
    elif key in ("depends_on", "profiles", "speaks") or isinstance(value, bool | int):
        return list(value) if isinstance(value, tuple) else value
    return _texts(value, live=key in IN_NODE)


def _part(part: StrictModel) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, default in _defaults(type(part)).items():
        value = getattr(part, key)
        if value == default:
            continue
        if key == "max_attempts" and value is None:
            value = "unlimited"
        elif (key in _DURATIONS and not isinstance(value, str)) or (key == "keep" and isinstance(value, float)):
            value = duration(value)
        elif key in _SIZES and isinstance(value, int):
            value = size(value) if value else 0
        made[key] = list(value) if isinstance(value, tuple) else value
    return made


@cache
def _defaults(part: type[StrictModel]) -> dict[str, Any]:
    return {key: field.get_default(call_default_factory=True) for key, field in part.model_fields.items()}


def _socket(socket: Socket) -> Any:
    made: dict[str, Any] = {"type": socket.type}
    for name, value in socket.options.items():
        made[name] = _octets(value) if isinstance(value, bytes | str) else value
    if socket.subscribe is not None:
        made["subscribe"] = [_prefix(prefix) for prefix in socket.subscribe]
    return made if len(made) > 1 else socket.type


def _prefix(value: str | bytes) -> Any:
    return {"hex": value.hex()} if isinstance(value, bytes) else _escaped(value, live=True)


def _octets(value: str | bytes) -> Any:
    if isinstance(value, str):
        return _escaped(value, live=True)
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return {"hex": value.hex()}
    return text if text.isprintable() and "${" not in text else {"hex": value.hex()}


def _edge(edge: Edge) -> dict[str, Any]:
    made: dict[str, Any] = {"bind": _ends(edge.bind), "connect": _ends(edge.connect)}
    if edge.endpoint is not None:
        made["endpoint"] = _escaped(edge.endpoint, live=True)
    if edge.transport != "auto":
        made["transport"] = edge.transport
    if edge.pairing is not None:
        pairing = _part(edge.pairing)
        if "pairs" in pairing:
            pairing["pairs"] = [list(pair) for pair in pairing["pairs"]]
        made["pairing"] = pairing if len(pairing) > 1 else pairing["kind"]
    return made


def _ends(ends: tuple[str, ...]) -> Any:
    return ends[0] if len(ends) == 1 else list(ends)


def _texts(value: Any, *, live: bool) -> Any:
    """Escape all texts in a value, however deep."""
    if isinstance(value, Written):
        return value
    if isinstance(value, str):
        return _escaped(value, live=live)
    if isinstance(value, Mapping):
        return {key: _texts(item, live=live) for key, item in value.items()}
    return [_texts(item, live=live) for item in value] if isinstance(value, list | tuple) else value


def _escaped(text: str, *, live: bool) -> str:
    """Return a text so that it is read as it is; ``live``: it is in the planner's form, whose variables stay."""
    if "${" not in text:
        return text
    made, at = "", 0
    for found in LIVE.finditer(text) if live else ():
        made += text[at : found.start()].replace("${", "$${") + found[0]
        at = found.end()
    return made + text[at:].replace("${", "$${")
