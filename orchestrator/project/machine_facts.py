"""What rules know of the machine, looked up when one asks: the effects of the linter. Nothing is run or imported."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from pathlib import Path
from stat import S_IMODE, S_ISREG
from typing import TYPE_CHECKING

from orchestrator.contract import env_file
from orchestrator.contract.folders import FolderError, state_root
from orchestrator.lint.core.facts import EnvFile, Facts, Program
from orchestrator.project import module_finder

if TYPE_CHECKING:
    from orchestrator.plan.model import Plan
    from orchestrator.topology.model import Node, Topology


class Gathered(Facts):
    """Facts of what a topology names, each looked up when a rule first asks for it."""

    def __init__(self, topology: Topology, plan: Plan, root: str = "") -> None:
        # Facts are frozen; what would be their values is found below.
        vars(self).update(_topology=topology, _plan=plan, _root=root)

    _topology: Topology
    _plan: Plan
    _root: str

    @cached_property
    def libzmq(self) -> tuple[int, int, int] | None:
        """See Facts."""
        library = _libzmq()
        return library[0] if library else None

    @cached_property
    def has(self) -> Mapping[str, bool]:
        """See Facts."""
        library = _libzmq()
        return library[1] if library else {}

    @cached_property
    def ephemeral_ports(self) -> tuple[int, int] | None:
        """See Facts."""
        return _ephemeral_ports()

    @cached_property
    def first_free_port(self) -> int | None:
        """See Facts."""
        return _first_free_port()

    @cached_property
    def open_files(self) -> int | None:
        """See Facts."""
        return _open_files()

    @cached_property
    def commands(self) -> Mapping[str, bool]:
        """See Facts."""
        return _commands(self._topology.nodes)

    @cached_property
    def programs(self) -> Mapping[str, Program]:
        """See Facts."""
        return _programs(self._plan, _roots(self._topology.files, self._root))

    @cached_property
    def journals(self) -> str:
        """See Facts."""
        try:
            return _filesystem(state_root())
        except FolderError:  # whoever starts a mesh is told; here nothing is read there
            return ""

    @cached_property
    def env_files(self) -> Mapping[str, EnvFile]:
        """See Facts."""
        return _env_files(self._topology.nodes.values())


@cache
def _libzmq() -> tuple[tuple[int, int, int], Mapping[str, bool]] | None:
    """Return version and abilities of libzmq; to ask is to load it."""
    try:
        import zmq
    except ImportError:
        return None
    names = ("ipc", "pgm", "tipc", "norm", "curve", "gssapi", "vmci", "draft", "WS", "WSS")
    major, minor, patch = zmq.zmq_version_info()[:3]
    return (int(major), int(minor), int(patch)), {name: bool(zmq.has(name)) for name in names}


@cache
def _ephemeral_ports() -> tuple[int, int] | None:
    with contextlib.suppress(OSError, ValueError):
        first, last = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
        return int(first), int(last)
    return None


@cache
def _first_free_port() -> int | None:
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return 0
    with contextlib.suppress(OSError, ValueError):
        return int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    return None


@cache
def _open_files() -> int | None:
    try:
        from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit
    except ImportError:
        return None
    soft, _ = getrlimit(RLIMIT_NOFILE)
    return None if soft == RLIM_INFINITY else soft


def _filesystem(folder: Path) -> str:
    """Return the kind of filesystem that a folder is on, or would be on."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    with contextlib.suppress(OSError):
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
        about = [(len(point), kind) for _, point, kind, *_ in mounts if folder.resolve().is_relative_to(point)]
        return max(about, default=(0, ""))[1]
    return ""


def _commands(nodes: Mapping[str, Node]) -> dict[str, bool]:
    return {name: found for name, node in nodes.items() if (found := _is_there(node)) is not None}


def _is_there(node: Node) -> bool | None:
    """Return whether a node's command is there; None where only its process will know."""
    word = node.program
    folder = node.working_dir or node.folder
    if not word or "${" in word or "${" in folder:
        return None
    if "/" in word:
        path = os.path.join(folder, word)
        return os.path.isfile(path) and os.access(path, os.X_OK)
    if "PATH" in node.env or node.env_file:
        return None
    return _in_path(word)


@cache
def _in_path(word: str) -> bool:
    return shutil.which(word) is not None


def _programs(plan: Plan, roots: tuple[str, ...]) -> dict[str, Program]:
    found: dict[str, Program] = {}
    for node in plan.nodes:
        if node.python:
            module = node.python.partition(":")[0]
            program = module_finder.program(module, node.search, not node.interpreter, roots)
            if program is not None:
                found[node.name] = program
    return found


def _roots(files: Iterable[str], root: str) -> tuple[str, ...]:
    """Return the folders that modules are read in: the first file's, the current one, and what ``--root`` names."""
    first = next((os.path.dirname(os.path.realpath(file)) for file in files if file != "-"), "")
    folders = [os.path.realpath(folder) for folder in (first, os.getcwd(), root) if folder]
    return tuple(dict.fromkeys(folders))


def _env_files(nodes: Iterable[Node]) -> dict[str, EnvFile]:
    found: dict[str, EnvFile] = {}
    for file in dict.fromkeys(file for node in nodes for file in node.env_file if "${" not in file):
        with contextlib.suppress(OSError, ValueError, env_file.BadEnvFile):
            about = os.stat(file)
            if S_ISREG(about.st_mode) and about.st_size <= module_finder.MOST_BYTES:
                values = env_file.read([file])
                found[file] = EnvFile(S_IMODE(about.st_mode), tuple(name for name in values if values[name]))
    return found
