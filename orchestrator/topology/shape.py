"""Data as people write it -> data as the model has it: short forms written out, units read, defaults applied.

What cannot be shaped is left as it is, for the model to refuse: so a shaper never fails, and all that is wrong is found
by one who knows the key path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestrator.topology.findings import Findings
from orchestrator.topology.scalars import as_text, as_value
from orchestrator.topology.sockets import Sockets
from orchestrator.zeromq.quantities import parse_duration, parse_size

Shaper = Callable[[Any], Any]

ALREADY = {"delivery": "plain", "security": "none", "start": "auto"}
"""Keys whose time has not come, with the value that changes nothing."""

HOWS = ("wired", "listening", "notify")
"""What can make a process ready."""

_NEW: Any = object()


def shape(data: Mapping[str, Any], findings: Findings, folder: str) -> tuple[dict[str, Any], dict[str, str | None]]:
    """Give what the model takes, and the type of each ``node.socket``, None where it is not known."""
    shaped = table(_TOPOLOGY | _OVER_DEFAULTS if "defaults" in data else _TOPOLOGY)(data)
    shaper = Sockets(findings)
    defaults = shaped.get("defaults")
    if isinstance(defaults, dict):
        shaper.learn(defaults.pop("socket", None))
    nodes = shaped.get("nodes")
    for name, body in nodes.items() if isinstance(nodes, dict) else ():
        if isinstance(body, dict) and isinstance(sockets := body.get("sockets"), dict):
            body["sockets"] = shaper.shape(name, sockets)
            body["folder"] = folder
        elif isinstance(body, dict):
            body["folder"] = folder
    return shaped, shaper.types


def apply_defaults(shaped: Mapping[str, Any]) -> None:
    """Lay nodes and edges over the defaults that can apply to them. The defaults must be right."""
    defaults = shaped.get("defaults", {})
    for name, body in _bodies(shaped, "nodes", defaults.get("node")):
        if body.get("external"):
            continue
        for key, default in defaults["node"].items():
            if key == "depends_on":
                default = {other: condition for other, condition in default.items() if other != name}
            if key != "interpreter" or body.get("python") is not None:
                body[key] = _laid(default, body.get(key, _NEW), key)
    for _, body in _bodies(shaped, "edges", defaults.get("edge")):
        for key, default in defaults["edge"].items():
            if key != "transport" or body.get("endpoint") is None:
                body.setdefault(key, default)


def drop_nulls(shaped: Mapping[str, Any]) -> None:
    """Take away what was written as null, once it has kept the defaults out."""
    for part in ("nodes", "edges"):
        bodies = shaped.get(part)
        for body in bodies.values() if isinstance(bodies, dict) else ():
            for key in [key for key, item in body.items() if item is None] if isinstance(body, dict) else ():
                del body[key]


def finish(shaped: Mapping[str, Any]) -> None:
    """Give nodes what follows from their other keys."""
    nodes = shaped.get("nodes")
    for body in nodes.values() if isinstance(nodes, dict) else ():
        if body.__class__ is dict and ("kind" in body or "ready" in body):
            _follow(body)


def _follow(body: dict[str, Any]) -> None:
    if body.get("kind") in ("job", "main"):
        restart = body.get("restart", {})
        if isinstance(restart, dict):
            body["restart"] = {"policy": "never", **restart}
    ready = body.get("ready")
    if isinstance(ready, dict) and not any(ready.get(how) for how in HOWS):
        body["ready"] = {**ready, "listening" if "command" in body else "wired": True}


def _bodies(shaped: Mapping[str, Any], part: str, defaults: Any) -> list[tuple[str, dict[str, Any]]]:
    bodies = shaped.get(part) if defaults else None
    return [item for item in bodies.items() if isinstance(item[1], dict)] if isinstance(bodies, dict) else []


def _laid(lower: Any, upper: Any, key: str = "") -> Any:
    """Lay one value over another: mappings deeply, everything else replaces; None removes."""
    if upper is _NEW:
        return lower
    if not (isinstance(lower, dict) and isinstance(upper, dict)):
        return upper
    if key == "ready" and any(upper.get(how) for how in HOWS):
        lower = {"within": lower["within"]} if "within" in lower else {}
    laid = lower | {name: _laid(lower.get(name, _NEW), item) for name, item in upper.items()}
    return {name: item for name, item in laid.items() if item is not None}


def table(shapers: Mapping[str, Shaper], short: str = "", *, nulls: bool = False) -> Shaper:
    """Make the shaper of a mapping; a scalar stands for the value of its ``short`` key."""

    def shaper(data: Any) -> Any:
        if data.__class__ is not dict:
            return {short: as_value(data)} if short and isinstance(data, str) else as_value(data)
        shaped: dict[str, Any] = {}
        for key, item in data.items():
            if item is None:
                if nulls and key in shapers:
                    shaped[key] = None
                continue
            known = shapers.get(key)
            if known is not None:
                shaped[key] = known(item)
            elif not key.startswith("x-") and ALREADY.get(key) != item:
                shaped[key] = item
        return shaped

    return shaper


def each(shaper: Shaper) -> Shaper:
    """Make the shaper of a mapping whose keys are names."""

    def shape_each(data: Any) -> Any:
        if data.__class__ is not dict:
            return data
        return {name: shaper(item) for name, item in data.items() if item is not None}

    return shape_each


def _seconds(data: Any) -> Any:
    try:
        return parse_duration(as_text(data))
    except (ValueError, TypeError):
        return as_text(data)  # a bare number too: the unit is required


def _bytes(data: Any) -> Any:
    try:
        return parse_size(as_text(data))
    except (ValueError, TypeError):
        return as_text(data)


def _attempts(data: Any) -> Any:
    return None if data == "unlimited" else as_value(data)


def _command(data: Any) -> Any:
    return tuple(map(as_text, data)) if data.__class__ is list else as_text(data)


def _ends(data: Any) -> Any:
    if data.__class__ is str:
        return (data,)
    return tuple(map(as_text, data)) if data.__class__ is list else data


def _pairs(data: Any) -> Any:
    if data.__class__ is not list:
        return data
    return tuple(tuple(map(as_value, pair)) if pair.__class__ is list else pair for pair in data)


def _depends_on(data: Any) -> Any:
    if isinstance(data, str):
        return {str(data): "ready"}
    if data.__class__ is list and all(isinstance(item, str) for item in data):
        return dict.fromkeys(map(str, data), "ready")
    return each(as_text)(data)


def _ready(data: Any) -> Any:
    return {data: True} if isinstance(data, str) and data in HOWS else _READY(data)


_RESTART = table(
    {
        "policy": as_text,
        "delay": _seconds,
        "max_delay": _seconds,
        "max_attempts": _attempts,
        "window": _seconds,
    },
    short="policy",
)
_READY = table({"wired": as_value, "listening": as_value, "notify": as_value, "within": _seconds})
_COMMON: dict[str, Shaper] = {
    "args": each(as_value),
    "env": each(as_text),
    "working_dir": as_text,
    "interpreter": as_text,
    "stdin": as_text,
    "kind": as_text,
    "critical": as_value,
    "restart": _RESTART,
    "ready": _ready,
    "stop": table({"signal": as_text, "grace": _seconds, "drain": as_value}),
    "depends_on": _depends_on,
}
_NODE: dict[str, Shaper] = {
    **_COMMON,
    "python": as_text,
    "command": _command,
    "external": as_value,
    "replicas": as_value,
    "sockets": each(lambda socket: socket),
}
_EDGE: dict[str, Shaper] = {
    "bind": _ends,
    "connect": _ends,
    "transport": as_text,
    "endpoint": as_text,
    "pairing": table({"kind": as_text, "arity": as_value, "pairs": _pairs}, short="kind"),
}
_DEFAULTS = {"node": table(_COMMON), "edge": table(_EDGE), "socket": lambda options: options}
_TOPOLOGY = {
    "name": as_text,
    "version": as_value,
    "nodes": each(table(_NODE)),
    "edges": each(table(_EDGE)),
    "logs": table({"max_size": _bytes, "files": as_value}),
    "defaults": table(_DEFAULTS),
}
_OVER_DEFAULTS = {"nodes": each(table(_NODE, nulls=True)), "edges": each(table(_EDGE, nulls=True))}
