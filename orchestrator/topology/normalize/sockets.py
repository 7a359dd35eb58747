"""Sockets as people write them -> sockets of the model, judged by ZeroMQ's tables, with the defaults of their types."""

from __future__ import annotations

from typing import Any

from orchestrator.topology.collector import Diagnostics
from orchestrator.topology.diagnostics.hints import OTHER_SYSTEMS_KEYS
from orchestrator.topology.model import Socket
from orchestrator.topology.parse.position import Path
from orchestrator.topology.parse.scalars import Written, as_text
from orchestrator.zeromq.options import OPTIONS, REFUSED, octets, value
from orchestrator.zeromq.sockets import FILTERING, TYPES


class Sockets:
    """Shapes and judges sockets, with the defaults of their types."""

    def __init__(self, findings: Diagnostics, part: str = "nodes") -> None:
        self.types: dict[str, str | None] = {}
        self._findings, self._part = findings, part
        self._defaults: dict[str, dict[str, Any]] = {}
        self._alike: dict[Any, Socket] = {}

    def learn(self, declared: Any) -> None:
        """Take the mapping ``defaults.socket``."""
        path: Path = ("defaults", "socket")
        if declared is None:
            return
        if not isinstance(declared, dict):
            self._findings.add(
                "S012", path, f"{self._findings.shown(path)} cannot be used", "a mapping from options to values"
            )
            return
        for kind, known in TYPES.items():
            if known.draft:
                if kind in declared:
                    self._draft(kind, (*path, kind), key=True)
                continue
            options: dict[str, Any] = {}
            for name, raw in declared.items():
                applies = name in OPTIONS and (OPTIONS[name].types is None or kind in (OPTIONS[name].types or ()))
                if name not in TYPES and (applies or (name == "subscribe" and kind in FILTERING)):
                    self._option(options, kind, name, raw, (*path, name))
            special = declared.get(kind)
            if isinstance(special, dict):
                for name, raw in special.items():
                    self._option(options, kind, name, raw, (*path, kind, name))
            elif special is not None:
                message = f"{self._findings.shown((*path, kind))} cannot be used"
                self._findings.add("S012", (*path, kind), message, f"a mapping from options of {kind} to values")
            self._defaults[kind] = options
        for name, raw in declared.items():
            if name not in TYPES and name not in OPTIONS and name != "subscribe":
                self._option({}, "", name, raw, (*path, name))

    def normalize(self, node: str, sockets: dict[str, Any]) -> dict[str, Any]:
        """Return the sockets of a node as the model takes them, without those that are wrong."""
        shaped = {}
        for name, body in sockets.items():
            if body is None:
                continue
            socket = self._recalled(body) or self._socket(node, name, body)
            if socket is not None:
                shaped[name] = socket
                self.types[f"{node}.{name}"] = socket.type
            else:
                shaped[name] = Socket.model_construct(type="")  # so that its name is judged; its problem is noted
                self.types[f"{node}.{name}"] = None
        return shaped

    def _socket(self, node: str, name: str, body: Any) -> Socket | None:
        path: Path = (self._part, node, "sockets", name)
        declared = {"type": as_text(body)} if isinstance(body, str) else body
        if not isinstance(declared, dict):
            expected = "a type such as PUSH, or a mapping with type and options"
            self._findings.add("S012", path, f"{self._findings.shown(path)} cannot be used", expected)
            return None
        kind: Any = declared.get("type")
        if not self._right_type(kind, path):
            return None
        options = dict(self._defaults.get(kind, ()))
        before = len(self._findings)
        for key, raw in declared.items():
            if key != "type":
                self._option(options, kind, key, raw, (*path, key))
        socket = Socket.model_construct(type=kind, subscribe=options.pop("subscribe", None), options=options)
        if len(self._findings) == before:
            self._remember(body, socket)
        return socket

    def _recalled(self, body: Any) -> Socket | None:
        """Return the socket of an equal declaration: in large meshes most are."""
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
            self._draft(kind, (*path, "type"))
        elif kind is None:
            self._findings.add("S013", path, "type is missing", "type: PUB, SUB, PUSH, PULL, REQ, REP or the like")
        else:
            types = ", ".join(name for name, each in TYPES.items() if not each.draft)
            where = (*path, "type")
            hint, fix = self._findings.meant(where, kind.upper(), TYPES) if isinstance(kind, str) else ("", None)
            self._findings.add("S012", where, f"{self._findings.shown(where)} is no type of socket", types, hint, fix)
        return False

    def _draft(self, kind: str, path: Path, *, key: bool = False) -> None:
        self._findings.add("S011", path, f"{kind}, a draft type of libzmq, is not supported yet", key=key)

    def _option(self, options: dict[str, Any], kind: str, name: str, raw: Any, path: Path) -> None:
        """Add one option to a socket's; what is wrong with it is noted."""
        if raw is None and (name in OPTIONS or name == "subscribe"):
            options.pop(name, None)
        elif name == "subscribe":
            self._subscribe(options, kind, raw, path)
        elif name in OPTIONS:
            option = OPTIONS[name]
            if option.types is not None and kind not in option.types:
                expected = f"it on {', '.join(sorted(option.types))}"
                self._findings.add("Z402", path, f"{kind} sockets have no {name}", expected, key=True)
                return
            try:
                options[name] = _judged(option.kind in ("bytes", "text"), name, raw)
            except ValueError as error:
                code = "Z411" if name == "routing_id" else "Z403"
                self._findings.add(code, path, f"{self._findings.shown(path)} cannot be used", str(error))
        elif not name.startswith("x-"):
            self._unknown(kind, name, path)

    def _subscribe(self, options: dict[str, Any], kind: str, raw: Any, path: Path) -> None:
        if kind not in FILTERING:
            hint = "an XSUB subscribes by sending \\x01 and the prefix" if kind == "XSUB" else ""
            self._findings.add("Z402", path, f"{kind} sockets do not subscribe", "it on SUB", hint, key=True)
            return
        try:
            options["subscribe"] = tuple(_prefix(item) for item in (raw if isinstance(raw, list) else [raw]))
        except ValueError:
            expected = 'a prefix, or a list of them: text or {hex: "0102"}'
            self._findings.add("Z403", path, f"{self._findings.shown(path)} cannot be used", expected)

    def _unknown(self, kind: str, name: str, path: Path) -> None:
        sockets = f"{kind} sockets" if kind else "sockets"
        if name in REFUSED:
            self._findings.add("Z402", path, f"{name} cannot be set", "", REFUSED[name], key=True)
        elif name in OTHER_SYSTEMS_KEYS["Socket"]:
            here = f"write {OTHER_SYSTEMS_KEYS['Socket'][name]}"
            self._findings.add("Z401", path, f"{name} is no option of {sockets}", "", here, key=True)
        else:
            hint, fix = self._findings.meant(path, name, [*OPTIONS, "subscribe", "type"], key=True)
            hint = hint or "options have libzmq's names, in lower case"
            self._findings.add("Z401", path, f"{name[:70]} is no option of {sockets}", "", hint, fix, key=True)


def _judged(textual: bool, name: str, raw: Any) -> Any:
    """Return an option as libzmq takes it. Raise ValueError."""
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
