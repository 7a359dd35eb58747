"""What nodes say of how they run, and of whom they wait for."""

from __future__ import annotations

import re
import shlex
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orchestrator.topology import devices
from orchestrator.topology.check.shapes import Bodies
from orchestrator.topology.collector import Diagnostics
from orchestrator.topology.merge.exclusive import OF_EXTERNAL, PROBES, READY_KINDS, RUNS, is_set
from orchestrator.topology.merge.variables import LIVE
from orchestrator.topology.model import Node
from orchestrator.topology.parse.position import Path

_CALLABLE = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_URL = r"https?://[^\s/]|\$\{"
_RUNS = tuple(key for key in RUNS if key in Node.model_fields)
LONGEST_PATTERN = 1_000
"""Characters of a regular expression."""

_BESIDE_PYTHON = frozenset({"command", "external", "ready", "live", "each", "speaks", "public_key", "depends_on"})
"""Keys of a python node that more is to be said of."""


class NodeChecks:
    """What nodes say: how they run, and whom they wait for."""

    def __init__(self, nodes: Bodies, findings: Diagnostics) -> None:
        self._nodes, self._findings = nodes, findings
        self._callables: set[str] = set()

    def check(self) -> None:
        """Note everything that is wrong with nodes."""
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
            self._probe(name, "ready", node["ready"], READY_KINDS)
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
        """Return whether a node has known keys alone; else one of them may be meant to say what it runs."""
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
        found = [how for how in hows if is_set(probe.get(how))]
        if len(found) > 1:
            message = f"{' and '.join(found)} exclude one another"
            self._findings.add("S015", path, message, f"one of {', '.join(hows[:-1])} and {hows[-1]}")
        if "command" in found:
            self._command((*path, "command"), probe["command"])
        if isinstance(url := probe.get("http"), str) and not re.match(_URL, url):
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
                told = other[:70] if other.isprintable() else repr(other[:70])
                self._findings.add("Z102", path, f"there is no node {told}", "the name of a node", hint, fix)
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
