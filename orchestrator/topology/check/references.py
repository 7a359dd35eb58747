"""What a topology says of itself: names, references, pairs of sockets. It looks at shaped data, right or wrong."""

from __future__ import annotations

import re
import shlex
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from orchestrator.topology import devices
from orchestrator.topology.collector import Findings
from orchestrator.topology.diagnostics.diagnostic import Fix
from orchestrator.topology.fixes import respelled
from orchestrator.topology.merge.exclusive import HOWS, OF_EXTERNAL, PROBES, RUNS, says
from orchestrator.topology.merge.variables import LIVE, PER_ITEM
from orchestrator.topology.model import Node
from orchestrator.topology.parse.document import Path
from orchestrator.zeromq import endpoints

_CALLABLE = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,5}")
_URL = re.compile(r"https?://[^\s/]|\$\{")
_RUNS = tuple(key for key in RUNS if key in Node.model_fields)
LONGEST_PATTERN = 1_000

_BESIDE_PYTHON = frozenset({"command", "external", "ready", "live", "each", "speaks", "public_key", "depends_on"})
"""Keys of a python node that more is to be said of."""

_NEW: Any = object()

Bodies = dict[str, dict[str, Any]]


def check(shaped: Mapping[str, Any], types: Mapping[str, str | None], findings: Findings) -> None:
    """Note everything that is wrong between the parts of a topology."""
    nodes = _bodies(shaped.get("nodes"))
    _Nodes(nodes, findings).check()
    _Edges(shaped, nodes, types, findings).check()
    for path, names in _named(shaped, nodes):
        _twins(path, names, findings)
    for part in ("templates", "vars"):
        declared = findings.document.data.get(part)
        if isinstance(declared, dict):
            _twins((part,), declared, findings)


def _bodies(part: Any) -> Bodies:
    return {name: body for name, body in part.items() if body.__class__ is dict} if isinstance(part, dict) else {}


def _named(shaped: Mapping[str, Any], nodes: Bodies) -> Iterator[tuple[Path, Collection[str]]]:
    for part in ("nodes", "edges"):
        if isinstance(names := shaped.get(part), dict):
            yield (part,), names
    seen: set[tuple[Any, ...]] = set()  # in large meshes most nodes have the same
    for name, body in nodes.items():
        sockets = body.get("sockets")
        if sockets.__class__ is dict and len(sockets) > 1 and (key := tuple(sockets)) not in seen:
            if not _differ(sockets):
                yield ("nodes", name, "sockets"), sockets
            else:
                seen.add(key)


def _differ(names: Collection[str]) -> bool:
    return len({name.replace("-", "_") for name in names}) == len(names)


def _twins(path: Path, names: Collection[str], findings: Findings) -> None:
    """Note names that differ only in - and _."""
    if _differ(names):
        return
    seen: dict[str, str] = {}
    for name in names:
        first = seen.setdefault(name.replace("-", "_"), name)
        if first != name:
            message = f"{name} and {first} differ only in - and _"
            findings.add("S014", (*path, name), message, "", "rename one of them", key=True)


def _items(node: Mapping[str, Any]) -> Collection[str]:
    items = node.get("each")
    return items if isinstance(items, dict) else ()


class _Nodes:
    """What nodes say: how they run, and whom they wait for."""

    def __init__(self, nodes: Bodies, findings: Findings) -> None:
        self._nodes, self._findings = nodes, findings
        self._callables: set[str] = set()

    def check(self) -> None:
        for name, node in self._nodes.items():
            if "python" not in node or not _BESIDE_PYTHON.isdisjoint(node):
                self._said(name, node)
            if isinstance(text := node.get("python"), str) and text not in self._callables:
                self._python(name, text)
        self._loops()

    def _said(self, name: str, node: Mapping[str, Any]) -> None:
        """Look at what only some nodes say."""
        self._runs(name, node)
        if "command" in node:
            self._command(("nodes", name, "command"), node["command"])
        if "ready" in node:
            self._probe(name, "ready", node["ready"], HOWS)
        if "live" in node:
            self._probe(name, "live", node["live"], PROBES)
        if "each" in node and "replicas" in node:
            message = "replicas and each exclude one another"
            self._findings.add("S015", ("nodes", name, "each"), message, "one of them", key=True)
        if "speaks" in node and node.get("python") is not None:
            message = "speaks says nothing of a python node, whose library speaks all of them"
            self._findings.add("S015", ("nodes", name, "speaks"), message, "it beside command", key=True)
        if "public_key" in node and not node.get("external"):
            message = "public_key says nothing of a node that is started here: its keys are made for it"
            self._findings.add("S015", ("nodes", name, "public_key"), message, "it beside external", key=True)
        if "depends_on" in node:
            self._depends_on(name, node["depends_on"])

    def _runs(self, name: str, node: Mapping[str, Any]) -> None:
        runs = [key for key in _RUNS if key in node and node[key] is not False]
        if len(runs) != 1:
            what = f"{' and '.join(runs)} exclude one another" if runs else "nothing says what it runs"
            expected = "exactly one of python, command, device and external: true"
            if runs or self._plain(name):
                self._findings.add("S015", ("nodes", name), what, expected, key=True)
        elif runs == ["device"]:
            self._device(name, node)
        elif runs == ["external"]:
            for key in node:
                if key in Node.model_fields and key not in OF_EXTERNAL and key not in _RUNS and key != "folder":
                    message = f"{key} says nothing of an external node, which is never started"
                    expected = "only sockets, public_key, profiles and resources beside it"
                    self._findings.add("S015", ("nodes", name, key), message, expected, key=True)

    def _device(self, name: str, node: Mapping[str, Any]) -> None:
        """Judge the args and sockets of a device."""
        device, args = devices.named(node["device"]), node.get("args", {})
        if device is None or not isinstance(args, dict):
            return
        for key in device.needs:
            if key not in args:
                self._findings.add(
                    "S013", ("nodes", name, "args", key), f"{key} is missing", "the path of a file", key=True
                )
        for key in args:
            if key not in (*device.needs, *device.takes):
                message = f"{node['device']} takes no {key}"
                expected = ", ".join((*device.needs, *device.takes)) or "no args"
                self._findings.add("S010", ("nodes", name, "args", key), message, expected, key=True)
        if not node.get("sockets"):
            self._findings.add(
                "S013", ("nodes", name, "sockets"), "sockets is missing", "a socket, or several", key=True
            )

    def _plain(self, name: str) -> bool:
        """Tell whether a node has known keys alone; else one of them may be meant to say what it runs."""
        written = self._findings.document.at(("nodes", name))
        return isinstance(written, dict) and all(key in Node.model_fields or key.startswith("x-") for key in written)

    def _command(self, path: Path, command: Any) -> None:
        expected = "a program and its arguments, as text or as a list"
        if command == () or (isinstance(command, str) and not command.strip()):
            self._findings.add("S012", path, "the command is empty", expected)
        elif isinstance(command, str) and ("'" in command or '"' in command or "\\" in command):
            try:
                shlex.split(command)
            except ValueError as error:
                self._findings.add("S012", path, f"cannot be split as a shell would: {str(error).lower()}", expected)

    def _python(self, name: str, text: str) -> None:
        if _CALLABLE.fullmatch(text):
            self._callables.add(text)
            return
        path: Path = ("nodes", name, "python")
        stem = text.removesuffix(".py").replace("/", ".")
        if _CALLABLE.fullmatch(f"{stem}:main"):
            hint = f"write `python: {stem}:main` for its function main" + (
                f", or `command: python {text}`" if text.endswith(".py") else ""
            )
        else:
            hint = ""
        self._findings.add("S012", path, f"{self._findings.shown(path)} names no callable", "module:callable", hint)

    def _probe(self, name: str, key: str, probe: Any, hows: Sequence[str]) -> None:
        """Look at what asks whether a process is ready, or lives."""
        if not isinstance(probe, dict):
            return
        path: Path = ("nodes", name, key)
        found = [how for how in hows if says(probe.get(how))]
        if len(found) > 1:
            message = f"{' and '.join(found)} exclude one another"
            self._findings.add("S015", path, message, f"one of {', '.join(hows[:-1])} and {hows[-1]}")
        if "command" in found:
            self._command((*path, "command"), probe["command"])
        if isinstance(url := probe.get("http"), str) and not _URL.match(url):
            message = f"{self._findings.shown((*path, 'http'))} is no URL"
            self._findings.add("S012", (*path, "http"), message, "a URL such as http://127.0.0.1:8080/health")
        if isinstance(pattern := probe.get("log"), str) and not LIVE.search(pattern):
            self._pattern((*path, "log"), pattern)

    def _pattern(self, path: Path, pattern: str) -> None:
        """Compile a regular expression, which may be anything; a long one takes long."""
        if len(pattern) > LONGEST_PATTERN:
            message = f"a regular expression of {len(pattern):,} characters"
            self._findings.add("S012", path, message, f"{LONGEST_PATTERN:,} at most")
            return
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            self._findings.add("S012", path, f"no regular expression: {error}", "one as Python's re has them")

    def _depends_on(self, name: str, needed: Any) -> None:
        if not isinstance(needed, dict):
            return
        for number, other in enumerate(needed):
            path = self._place(name, other, number)
            node = self._nodes.get(other)
            if other == name:
                self._findings.add("Z604", path, f"{name} waits for itself", "", "remove it")
            elif node is None:
                listed = isinstance(path[-1], int) or path[-1] == "depends_on"
                hint, fix = self._findings.meant(path, other, self._nodes, key=not listed)
                self._findings.add("Z102", path, f"there is no node {other[:70]}", "the name of a node", hint, fix)
            elif node.get("external"):
                message = f"{other} is external, and never waited for"
                self._findings.add("S015", path, message, "a node that is started here", "remove it")
            elif needed[other] == "done" and node.get("kind", "service") == "service":
                message = f"{other} is never done: it is a service"
                self._findings.add("S015", path, message, "started or ready", f"or `kind: job` in {other}")

    def _place(self, name: str, other: str, number: int) -> Path:
        path: Path = ("nodes", name, "depends_on")
        written = self._findings.document.at(path)
        if isinstance(written, list) and other in written:
            return (*path, written.index(other))
        return (*path, other) if isinstance(written, dict) and other in written else path

    def _loops(self) -> None:
        """Note each loop of depends_on once."""
        done: set[str] = set()
        for start in [name for name, node in self._nodes.items() if "depends_on" in node]:
            way: list[str] = []
            rest: list[Iterator[str]] = []
            following: str | None = start
            while following is not None or rest:
                if following is None:
                    following = next(rest[-1], None)
                    if following is None:
                        done.add(way.pop())
                        rest.pop()
                        continue
                if following in way:
                    self._loop([*way[way.index(following) :], following])
                elif following not in done:
                    way.append(following)
                    rest.append(iter(self._needed(following)))
                following = None

    def _needed(self, name: str) -> list[str]:
        needed = self._nodes[name].get("depends_on")
        return [other for other in needed if other in self._nodes] if isinstance(needed, dict) else []

    def _loop(self, loop: list[str]) -> None:
        if len(loop) > 2:  # a node that waits for itself is noted already
            path = self._place(loop[-2], loop[-1], 0)
            message = f"a loop, none of them could start: {' -> '.join(loop)}"
            self._findings.add("Z604", path, message, "", "remove one of these")


class _Edges:
    """What edges say: which sockets they join, and where."""

    def __init__(
        self, shaped: Mapping[str, Any], nodes: Bodies, types: Mapping[str, str | None], findings: Findings
    ) -> None:
        self._edges = _bodies(shaped.get("edges"))
        self._all = shaped.get("nodes")
        self._nodes, self._types, self._findings = nodes, types, findings
        self._external = {name for name, node in nodes.items() if node.get("external")}
        self._several = {name for name, node in nodes.items() if "replicas" in node or "each" in node}

    def check(self) -> None:
        """Look at every edge; of large meshes nearly all of them are right, and soon done with."""
        for name, edge in self._edges.items():
            binding = self._ends(name, "bind", edge.get("bind"))
            connecting = self._ends(name, "connect", edge.get("connect"))
            if self._external:
                self._outside(name, edge, [*binding, *connecting])
            if "pairing" in edge:
                self._pairing(name, edge["pairing"])
            elif self._several:
                self._unpaired(name, binding, connecting)
            if "endpoint" in edge:
                self._endpoint(name, edge, binding)
            if edge.get("bind") == () or (edge.get("connect") == () and "endpoint" not in edge):
                self._empty(name, edge)

    def _ends(self, edge: str, side: str, ends: Any) -> dict[str, str | None]:
        """Give the types of the sockets at one side, by node.socket; of those that are there."""
        if ends.__class__ is not tuple:
            return {}
        found: dict[str, str | None] = {}
        for number, end in enumerate(ends):
            kind = self._types.get(end, _NEW) if end.__class__ is str else None
            if kind is _NEW:
                kind = self._process(edge, side, number, end)
            if end.__class__ is str and kind is not _NEW:
                if end in found:
                    message = f"{end} stands twice"
                    self._findings.add("S012", self._place(edge, side, number), message, "", "remove one")
                found[end] = kind
        return found

    def _place(self, edge: str, side: str, number: int) -> Path:
        listed = isinstance(self._findings.document.at(("edges", edge, side)), list)
        return ("edges", edge, side, number) if listed else ("edges", edge, side)

    def _process(self, edge: str, side: str, number: int, end: str) -> Any:
        """Give the type of a socket of one process; note an end that is none of ours."""
        path = self._place(edge, side, number)
        name, dot, socket = end.partition(".")
        owner, member = self._owner(name)
        if not dot:
            hint, fix = self._only_socket(name, path)
            self._findings.add("Z102", path, f"{self._findings.shown(path)} names no socket", "node.socket", hint, fix)
        elif not isinstance(self._all, dict) or owner not in self._all:
            message = f"there is no node {name[:70]!r}"
            hint, fix = self._findings.meant(path, name, self._nodes)
            self._findings.add("Z102", path, message, "node.socket or process.socket", hint, fix)
        elif f"{owner}.{socket}" not in self._types:
            having = self._sockets(owner)
            hint, fix = self._findings.meant(path, socket, having, start=len(name) + 1)
            hint = hint or (f"it has {', '.join(having[:20])}" if having else "it has none")
            if owner in self._nodes and self._nodes[owner].get("sockets", {}).__class__ is dict:
                self._findings.add("Z102", path, f"{owner} has no socket {socket[:70]!r}", "", hint, fix)
        elif member and (known := self._not_among(owner, member)):
            self._findings.add("Z102", path, f"there is no process {name[:70]}", known)
        else:
            return self._types[f"{owner}.{socket}"]
        return _NEW

    def _only_socket(self, node: str, path: Path) -> tuple[str, Fix | None]:
        """Suggest the socket of a node that has one alone; that is what its bare name must mean."""
        having = self._sockets(node)
        if len(having) != 1:
            return "", None
        end = f"{node}.{having[0]}"
        fix = respelled(self._findings.document, path, node, end)
        return f"did you mean {end}?", fix and Fix(fix.edits)

    def _sockets(self, node: str) -> list[str]:
        sockets = self._nodes.get(node, {}).get("sockets")
        return list(sockets) if isinstance(sockets, dict) else []

    def _owner(self, name: str) -> tuple[str, str]:
        """Give the node that a name means, and which process of it; both may hold hyphens, so all ends are tried."""
        if name in self._nodes:
            return name, ""
        owner, member = name, ""
        at = name.rfind("-")
        while at > 0:
            node = self._nodes.get(name[:at], {})
            if name[at + 1 :] in _items(node):
                return name[:at], name[at + 1 :]
            if ("replicas" in node and _NUMBER.fullmatch(name, at + 1)) or ("each" in node and not member):
                owner, member = name[:at], name[at + 1 :]
            at = name.rfind("-", 0, at)
        return owner, member

    def _not_among(self, node: str, member: str) -> str:
        """Give the processes that a node has, where this one is none of them."""
        if "each" in self._nodes[node]:
            items = _items(self._nodes[node])
            known = [f"{node}-{item}" for item in list(items)[:20]]
            return "" if member in items else f"one of {', '.join(known)}" if known else "a process; each has no items"
        count = self._nodes[node]["replicas"]
        if not isinstance(count, int) or int(member) < count:
            return ""
        return f"{node}-0 to {node}-{count - 1}" if count > 1 else f"{node}-0" if count else "a process; replicas is 0"

    def _outside(self, name: str, edge: Mapping[str, Any], ends: list[str]) -> None:
        """Note an edge that joins external nodes alone, or does not say where they are."""
        outside = [end for end in ends if end.partition(".")[0] in self._external]
        if outside and len(outside) == len(ends) and len(ends) > 1:
            self._findings.add("S033", ("edges", name, "bind"), "joins external nodes alone", "a node that is ours")
        elif outside and "endpoint" not in edge:
            message = f"endpoint is missing: {outside[0].partition('.')[0]} is external, so nothing else says where"
            expected = 'endpoint: "tcp://HOST:PORT"'
            self._findings.add("Z116", ("edges", name), message, expected, key=True)

    def _unpaired(self, name: str, binding: Mapping[str, Any], connecting: Mapping[str, Any]) -> None:
        bound = next((end for end in binding if end.partition(".")[0] in self._several), "")
        connected = next((end for end in connecting if end.partition(".")[0] in self._several), "")
        if bound and connected:
            sides = " and ".join(dict.fromkeys(end.partition(".")[0] for end in (bound, connected)))
            message = f"pairing is missing: there are several processes on both sides ({sides})"
            expected = "pairing: all, same, spread, others, ring, tree or pairs"
            self._findings.add("Z114", ("edges", name), message, expected, key=True)

    def _pairing(self, name: str, pairing: Any) -> None:
        """Note what belongs to another kind of pairing."""
        if not isinstance(pairing, dict):
            return
        kind, path = pairing.get("kind"), ("edges", name, "pairing")
        for key, owner in (("arity", "tree"), ("pairs", "pairs")):
            if key in pairing and isinstance(kind, str) and kind != owner:
                self._findings.add("S015", (*path, key), f"{kind} takes no {key}", f"it with kind: {owner}", key=True)
        if kind == "pairs" and not pairing.get("pairs"):
            self._findings.add("S013", path, "pairs is missing", "{kind: pairs, pairs: [[bind, connect], ...]}")

    def _endpoint(self, name: str, edge: Mapping[str, Any], binding: Mapping[str, Any]) -> None:
        if "transport" in edge:
            message = "transport and endpoint exclude one another"
            self._findings.add("S015", ("edges", name, "transport"), message, "one of them", key=True)
        text = edge["endpoint"]
        if isinstance(text, str) and "${" in text:
            self._varying(name, text, binding)
        elif isinstance(text, str):
            try:
                endpoints.parse(text)
            except ValueError as error:
                code = "Z202" if isinstance(error, endpoints.TooLong) else "Z205"
                self._findings.add(code, ("edges", name, "endpoint"), str(error))

    def _varying(self, name: str, text: str, binding: Mapping[str, Any]) -> None:
        """Note an item's variable in the endpoint of a socket whose node has no items."""
        for dollar, variable in LIVE.findall(text):
            nodes = [self._owner(end.partition(".")[0])[0] for end in binding]
            node = next((node for node in nodes if "each" not in self._nodes.get(node, {})), "")
            if node and not dollar and variable.partition(".")[0] in PER_ITEM:
                message = f"${{{variable}}} is known only under `each`, and {node} has none"
                self._findings.add("S020", ("edges", name, "endpoint"), message)

    def _empty(self, name: str, edge: Mapping[str, Any]) -> None:
        if edge.get("bind") == ():
            self._findings.add("S033", ("edges", name, "bind"), "nothing binds", "one node.socket")
        else:
            hint = "an empty list, for peers that are not ours, needs an endpoint"
            self._findings.add("S033", ("edges", name, "connect"), "nothing connects", "node.socket", hint)
