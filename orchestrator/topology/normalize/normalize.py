"""Data as people write it -> data as the model has it: short forms written out, units read, defaults applied.

What cannot be shaped is left as it is, for the model to refuse: so a shaper never fails, and all that is wrong is found
by one who knows the key path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestrator.topology import devices
from orchestrator.topology.collector import Diagnostics
from orchestrator.topology.diagnostics.hints import NEUTRAL_VALUES
from orchestrator.topology.merge.exclusive import READY_KINDS, ended, is_set
from orchestrator.topology.normalize.items import items
from orchestrator.topology.normalize.paths import Paths
from orchestrator.topology.normalize.sockets import Sockets
from orchestrator.topology.parse.scalars import as_text, as_value
from orchestrator.zeromq.quantities import parse_duration, parse_size

Shaper = Callable[[Any], Any]

_OF_ONE = {"interpreter": "python", "speaks": "command"}
"""Keys that say something of nodes with one other key alone."""

_NEW: Any = object()
_NOTHING: Mapping[str, str] = {}


def normalize(data: Mapping[str, Any], findings: Diagnostics) -> tuple[dict[str, Any], dict[str, str | None]]:
    """Return what the model takes, and the type of each ``node.socket``, None where it is not known."""
    shaped = mapping(_TOPOLOGY | _OVER_DEFAULTS if "defaults" in data else _TOPOLOGY)(data)
    shaper = Sockets(findings)
    defaults = shaped.get("defaults")
    if isinstance(defaults, dict):
        shaper.learn(defaults.pop("socket", None))
    paths = Paths(findings.document)
    if isinstance(defaults, dict) and isinstance(common := defaults.get("node"), dict):
        paths.settle(("defaults", "node"), common)
    nodes = shaped.get("nodes")
    for name, body in nodes.items() if isinstance(nodes, dict) else ():
        if body.__class__ is not dict:
            continue
        if "device" in body:
            devices.fill(body)
        if isinstance(sockets := body.get("sockets"), dict):
            body["sockets"] = shaper.normalize(name, sockets)
        if body.get("each") is not None:
            body["each"] = items(body["each"], ("nodes", name, "each"), findings)
        paths.settle(("nodes", name), body)
        body["folder"] = paths.folder or paths.of_program(name, body)
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
            if key not in _OF_ONE or body.get(_OF_ONE[key]) is not None:
                body[key] = _merge_defaults(default, body.get(key, _NEW), key)
    for _, body in _bodies(shaped, "edges", defaults.get("edge")):
        for key, default in defaults["edge"].items():
            if key != "transport" or body.get("endpoint") is None:
                body[key] = _merge_defaults(default, body.get(key, _NEW), key)


def drop_nulls(shaped: Mapping[str, Any]) -> None:
    """Take away what was written as null, once it has kept the defaults out."""
    for part in ("nodes", "edges"):
        bodies = shaped.get(part)
        for body in bodies.values() if isinstance(bodies, dict) else ():
            for key in [key for key, item in body.items() if item is None] if isinstance(body, dict) else ():
                del body[key]


def derive(shaped: Mapping[str, Any]) -> None:
    """Return nodes what follows from their other keys."""
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
    if isinstance(ready, dict) and not any(is_set(ready.get(how)) for how in READY_KINDS):
        body["ready"] = {**ready, "listening" if "command" in body else "library": True}


def _bodies(shaped: Mapping[str, Any], part: str, defaults: Any) -> list[tuple[str, dict[str, Any]]]:
    bodies = shaped.get(part) if defaults else None
    return [item for item in bodies.items() if isinstance(item[1], dict)] if isinstance(bodies, dict) else []


def _merge_defaults(lower: Any, upper: Any, key: str = "") -> Any:
    """Lay one value over another: mappings deeply, everything else replaces; None removes."""
    if upper is _NEW:
        return lower
    if not (isinstance(lower, dict) and isinstance(upper, dict)):
        return upper
    if gone := ended(lower, upper, key):
        lower = {name: item for name, item in lower.items() if name not in gone}
    laid = lower | {name: _merge_defaults(lower.get(name, _NEW), item) for name, item in upper.items()}
    return {name: item for name, item in laid.items() if item is not None}


def mapping(
    shapers: Mapping[str, Shaper], short: str = "", *, nulls: bool = False, already: Mapping[str, str] = _NOTHING
) -> Shaper:
    """Make the shaper of a mapping; a scalar stands for the value of its ``short`` key.

    Null means that a key is not written; ``nulls`` keeps it, for defaults to be laid under. Of ``already``, keys whose
    time has not come, the value that changes nothing is taken, and left out.
    """

    def shaper(data: Any) -> Any:
        if data.__class__ is not dict:
            return {short: as_value(data)} if short and isinstance(data, str) else as_value(data)
        shaped: dict[str, Any] = {}
        for key, item in data.items():
            known = shapers.get(key)
            if known is None:
                if key in already and item in (None, already[key], {"kind": already[key]}):
                    continue
                if not key.startswith("x-"):
                    shaped[key] = "" if item is None else item  # the key is what is wrong: no null may hide it
            elif item is not None:
                shaped[key] = known(item)
            elif nulls:
                shaped[key] = None
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


def _amount(data: Any) -> Any:
    found = _seconds(data)
    return found if isinstance(found, float) else _bytes(data)


def _attempts(data: Any) -> Any:
    return None if data == "unlimited" else as_value(data)


def _limit(data: Any) -> Any:
    return 0 if as_value(data) == 0 and not isinstance(data, bool) else _bytes(data)


def _listed(shaper: Shaper) -> Shaper:
    """Make the shaper of a list, for which one item may stand."""

    def shape_list(data: Any) -> Any:
        if data.__class__ is list:
            return tuple(map(shaper, data))
        return data if isinstance(data, dict) else (shaper(data),)

    return shape_list


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
    return {data: True} if isinstance(data, str) and data in READY_KINDS[:3] else _READY(data)


def _batch(data: Any) -> Any:
    return None if data == "off" else _BATCH(data)


_DELIVERY = mapping(
    {
        "kind": as_text,
        "timeout": _seconds,
        "attempts": as_value,
        "deduplicate": as_value,
        "fsync": _seconds,
        "max_size": _bytes,
        "on_full": as_text,
        "reassign_after": _seconds,
        "from": as_text,
        "keep": _amount,
    },
    short="kind",
)
_BATCH = mapping({"messages": as_value, "bytes": _bytes, "delay": _seconds})
_RESTART = mapping(
    {
        "policy": as_text,
        "delay": _seconds,
        "max_delay": _seconds,
        "max_attempts": _attempts,
        "window": _seconds,
    },
    short="policy",
)
_READY = mapping(
    {
        "library": as_value,
        "listening": as_value,
        "notify": as_value,
        "command": _command,
        "http": as_text,
        "log": as_text,
        "interval": _seconds,
        "within": _seconds,
    }
)
_LIVE = mapping({"command": _command, "http": as_text, "interval": _seconds, "timeout": _seconds, "retries": as_value})
_LIMITS = mapping({"memory": _bytes, "nofile": as_value, "memlock": _limit, "core": _limit})
_CPU = mapping({"cores": _listed(as_value), "nice": as_value, "realtime": as_value})
_RESOURCES = mapping({"cpu": as_value, "memory": _bytes, "gpu": as_value, "host": as_text, "labels": each(as_text)})
_COMMON: dict[str, Shaper] = {
    "args": each(as_value),
    "env": each(as_text),
    "env_file": _listed(as_text),
    "working_dir": as_text,
    "interpreter": as_text,
    "stdin": as_text,
    "kind": as_text,
    "critical": as_value,
    "start": as_text,
    "restart": _RESTART,
    "ready": _ready,
    "live": _LIVE,
    "stop": mapping({"signal": as_text, "grace": _seconds, "drain": as_value}),
    "depends_on": _depends_on,
    "limits": _LIMITS,
    "cpu": _CPU,
    "resources": _RESOURCES,
    "profiles": _listed(as_text),
    "speaks": _listed(as_text),
}
_NODE_KEYS: dict[str, Shaper] = {
    **_COMMON,
    "python": as_text,
    "command": _command,
    "device": as_text,
    "external": as_value,
    "replicas": as_value,
    "each": lambda items: items,
    "public_key": as_text,
    "sockets": lambda sockets: sockets,
    "extends": lambda template: template,  # what is left of it is wrong, or null
}
NODE = mapping(_NODE_KEYS)
_EDGE: dict[str, Shaper] = {
    "bind": _ends,
    "connect": _ends,
    "transport": as_text,
    "endpoint": as_text,
    "pairing": mapping({"kind": as_text, "arity": as_value, "pairs": _pairs}, short="kind"),
    "batch": _batch,
    "delivery": _DELIVERY,
}
_DEFAULTS = {
    "node": mapping(_COMMON),
    "edge": mapping(_EDGE, already=NEUTRAL_VALUES),
    "socket": lambda options: options,
}
_TOPOLOGY = {
    "name": as_text,
    "version": as_value,
    "nodes": each(NODE),
    "edges": each(mapping(_EDGE, already=NEUTRAL_VALUES)),
    "logs": mapping({"max_size": _bytes, "files": as_value}),
    "lint": mapping({"ignore": _listed(as_text), "select": _listed(as_text)}),
    "defaults": mapping(_DEFAULTS),
}
_OVER_DEFAULTS = {
    "nodes": each(mapping(_NODE_KEYS, nulls=True)),
    "edges": each(mapping(_EDGE, nulls=True, already=NEUTRAL_VALUES)),
}
