"""Data as people write it -> data as the model has it: short forms written out, units read, defaults applied.

What cannot be shaped is left as it is, for the model to refuse: so a shaper never fails, and all that is wrong is found
by one who knows the key path. Only the options of sockets are judged here, since ZeroMQ's own tables know them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestrator.topology.findings import Findings, shown
from orchestrator.topology.model import Socket
from orchestrator.topology.scalars import Written, as_text, as_value
from orchestrator.topology.source import Path
from orchestrator.topology.words import FOREIGN
from orchestrator.zeromq.options import OPTIONS, REFUSED, octets, value
from orchestrator.zeromq.quantities import parse_duration, parse_size
from orchestrator.zeromq.sockets import TYPES

Shaper = Callable[[Any], Any]

SUBSCRIBERS = frozenset({"SUB", "DISH"})
ALREADY = {"delivery": "plain", "security": "none", "start": "auto"}
"""Keys whose time has not come, with the value that changes nothing."""

HOWS = ("wired", "listening", "notify")
"""What can make a process ready."""

_NEW: Any = object()


def shape(data: Mapping[str, Any], findings: Findings, folder: str) -> tuple[dict[str, Any], dict[str, str | None]]:
    """Give what the model takes, and the type of each ``node.socket``, None where it is not known."""
    shaped = table(_TOPOLOGY | _OVER_DEFAULTS if "defaults" in data else _TOPOLOGY)(data)
    shaper = _Sockets(findings)
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
    "pairing": as_text,
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


class _Sockets:
    """Shapes and judges sockets, with the defaults of their types."""

    def __init__(self, findings: Findings) -> None:
        self.types: dict[str, str | None] = {}
        self._findings = findings
        self._defaults: dict[str, dict[str, Any]] = {}
        self._alike: dict[Any, Socket] = {}

    def learn(self, declared: Any) -> None:
        """Take the mapping ``defaults.socket``."""
        path: Path = ("defaults", "socket")
        if declared is None:
            return
        if not isinstance(declared, dict):
            self._findings.add("S012", path, f"{shown(declared)} cannot be used", "a mapping from options to values")
            return
        for kind in TYPES:
            options: dict[str, Any] = {}
            for name, raw in declared.items():
                applies = name in OPTIONS and (OPTIONS[name].types is None or kind in (OPTIONS[name].types or ()))
                if name not in TYPES and (applies or (name == "subscribe" and kind in SUBSCRIBERS)):
                    self._option(options, kind, name, raw, (*path, name))
            special = declared.get(kind)
            if isinstance(special, dict):
                for name, raw in special.items():
                    self._option(options, kind, name, raw, (*path, kind, name))
            elif special is not None:
                message = f"{shown(special)} cannot be used"
                self._findings.add("S012", (*path, kind), message, f"a mapping from options of {kind} to values")
            self._defaults[kind] = options
        for name, raw in declared.items():
            if name not in TYPES and name not in OPTIONS and name != "subscribe":
                self._option({}, "", name, raw, (*path, name))

    def shape(self, node: str, sockets: dict[str, Any]) -> dict[str, Any]:
        """Give the sockets of a node as the model takes them, without those that are wrong."""
        shaped = {}
        for name, body in sockets.items():
            socket = self._recalled(body) or self._socket(node, name, body)
            if socket is not None:
                shaped[name] = socket
                self.types[f"{node}.{name}"] = socket.type
            else:
                shaped[name] = Socket(type="")  # so that its name is judged; its problem is noted
                self.types[f"{node}.{name}"] = None
        return shaped

    def _socket(self, node: str, name: str, body: Any) -> Socket | None:
        path: Path = ("nodes", node, "sockets", name)
        declared = {"type": as_text(body)} if isinstance(body, str) else body
        if not isinstance(declared, dict):
            expected = "a type such as PUSH, or a mapping with type and options"
            self._findings.add("S012", path, f"{shown(body)} cannot be used", expected)
            return None
        kind: Any = declared.get("type")
        if not self._right_type(kind, path):
            return None
        options = dict(self._defaults.get(kind, ()))
        before = len(self._findings)
        for key, raw in declared.items():
            if key != "type":
                self._option(options, kind, key, raw, (*path, key))
        socket = Socket(type=kind, subscribe=options.pop("subscribe", None), options=options)
        if len(self._findings) == before:
            self._remember(body, socket)
        return socket

    def _recalled(self, body: Any) -> Socket | None:
        """Give the socket of an equal declaration: in large meshes most are."""
        if body.__class__ is str:
            return self._alike.get(body)
        try:
            return self._alike.get((*body.items(), *map(type, body.values())))
        except (AttributeError, TypeError):  # no mapping, or one that holds a list
            return None

    def _remember(self, body: Any, socket: Socket) -> None:
        key = body if isinstance(body, str) else (*body.items(), *map(type, body.values()))
        try:
            self._alike[key] = socket
        except TypeError:
            return

    def _right_type(self, kind: Any, path: Path) -> bool:
        known = TYPES.get(kind) if isinstance(kind, str) else None
        if known and not known.draft:
            return True
        if known:
            self._findings.add("S011", (*path, "type"), f"{kind}, a draft type of libzmq, is not supported yet")
        elif kind is None:
            self._findings.add("S013", path, "type is missing", "type: PUB, SUB, PUSH, PULL, REQ, REP or the like")
        else:
            types = ", ".join(name for name, each in TYPES.items() if not each.draft)
            near = self._findings.meant(kind.upper(), TYPES) if isinstance(kind, str) else ""
            self._findings.add("S012", (*path, "type"), f"{shown(kind)} is no type of socket", types, near)
        return False

    def _option(self, options: dict[str, Any], kind: str, name: str, raw: Any, path: Path) -> None:
        """Add one option to a socket's; what is wrong with it is noted."""
        if raw is None:
            options.pop(name, None)
            return
        if name == "subscribe":
            self._subscribe(options, kind, raw, path)
        elif name in OPTIONS:
            option = OPTIONS[name]
            if option.types is not None and kind not in option.types:
                expected = f"it on {', '.join(sorted(option.types))}"
                self._findings.add("S032", path, f"{kind} sockets have no {name}", expected, key=True)
                return
            try:
                options[name] = _judged(option.kind in ("bytes", "text"), name, raw)
            except ValueError as error:
                self._findings.add("S032", path, f"{self._findings.shown(path)} cannot be used", str(error))
        elif not name.startswith("x-"):
            self._unknown(kind, name, path)

    def _subscribe(self, options: dict[str, Any], kind: str, raw: Any, path: Path) -> None:
        if kind not in SUBSCRIBERS:
            hint = "an XSUB subscribes by sending \\x01 and the prefix" if kind == "XSUB" else ""
            self._findings.add("S032", path, f"{kind} sockets do not subscribe", "it on SUB", hint, key=True)
            return
        try:
            options["subscribe"] = tuple(_prefix(item) for item in (raw if isinstance(raw, list) else [raw]))
        except ValueError:
            expected = 'a prefix, or a list of them: text or {hex: "0102"}'
            self._findings.add("S032", path, f"{self._findings.shown(path)} cannot be used", expected)

    def _unknown(self, kind: str, name: str, path: Path) -> None:
        sockets = f"{kind} sockets" if kind else "sockets"
        if name in REFUSED:
            self._findings.add("S032", path, f"{name} cannot be set", "", REFUSED[name], key=True)
        elif name in FOREIGN["Socket"]:
            here = f"write {FOREIGN['Socket'][name]}"
            self._findings.add("S010", path, f"{name} is no option of {sockets}", "", here, key=True)
        else:
            near = (
                self._findings.meant(name, [*OPTIONS, "subscribe", "type"])
                or "options have libzmq's names, in lower case"
            )
            self._findings.add("S010", path, f"{name[:70]} is no option of {sockets}", "", near, key=True)


def _judged(textual: bool, name: str, raw: Any) -> Any:
    """Give an option as libzmq takes it. Raise ValueError."""
    if isinstance(raw, str) and "${" in raw:
        return str(raw)  # differs by process: the planner's
    if textual:
        given = {key: as_text(item) for key, item in raw.items()} if isinstance(raw, dict) else as_text(raw)
    else:
        given = raw.value if isinstance(raw, Written) else raw
    return value(OPTIONS[name], given)


def _prefix(raw: Any) -> str | bytes:
    if isinstance(raw, dict):
        return octets({key: as_text(item) for key, item in raw.items()})
    text = as_text(raw)
    if not isinstance(text, str):
        raise ValueError
    return text
