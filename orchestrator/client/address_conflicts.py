"""Addresses that the files fix and somebody has already: told before anything starts, with who that is."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from orchestrator.client import connection, meshes
from orchestrator.contract import folders
from orchestrator.contract.codec import A, Request
from orchestrator.control.states import OVER
from orchestrator.control.verbs import Info, Ps
from orchestrator.observe import sock_diag
from orchestrator.plan import model
from orchestrator.plan.collector import Diagnostics
from orchestrator.plan.model import Endpoint, Plan
from orchestrator.topology.model import Topology

Where = tuple[socket.AddressFamily, tuple[str, int]]

WITHIN = 2.0
"""Seconds in which another mesh has to answer who it is."""


def check(topology: Topology, plan: Plan) -> None:
    """Raise InvalidTopologyError for each address of ours that somebody has."""
    found = Diagnostics(topology)
    for endpoint in plan.endpoints:
        if endpoint.process and endpoint.transport == "fixed" and (holder := _holder(plan, endpoint)):
            edge = next(edge.name for edge in plan.edges if endpoint.name in edge.endpoints)
            what = f"{endpoint.address} is taken: {holder} has it"
            found.add("S012", ("edges", edge, "endpoint"), what, "a free address")
    found.check()


def _holder(plan: Plan, endpoint: Endpoint) -> str:
    """Say who has an address; empty where it is free, or not of this machine."""
    if endpoint.address.startswith("ipc://"):
        path = _path(plan, endpoint)
        inodes = sock_diag.unix_listeners(path)
        return _who(inodes, endpoint.address) if inodes else ""
    if not endpoint.address.startswith("tcp://"):
        return ""
    for family, at in _places(endpoint.address):
        match _state(family, at):
            case "listens":
                return _who(sock_diag.tcp_listeners(at[1]), endpoint.address)
            case "bound" if mesh := _planned(endpoint.address):
                # A mesh reserves the ports of its commands until they listen; else it is what is left of connections.
                return mesh
    return ""


def _path(plan: Plan, endpoint: Endpoint) -> str:
    """Return the path of an ipc address as the kernel names it; a relative one begins where its binder runs."""
    name = sock_diag.name_of(endpoint.address)
    library = plan.node[endpoint.node].library
    folder = os.getcwd() if library else plan.process[endpoint.process].working_dir
    return name if name.startswith("\0") else os.path.join(folder, name)


def _places(address: str) -> Iterator[Where]:
    """Yield what a tcp address binds: all that its name stands for."""
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        return
    if host == "*":
        yield socket.AF_INET, ("0.0.0.0", int(port))
        return
    try:
        for family, _, _, _, at in socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM):
            yield family, (str(at[0]), int(port))
    except OSError:
        import psutil  # only here: hardly any address is that of an interface

        for each in psutil.net_if_addrs().get(host, ()):
            if each.family == socket.AF_INET:
                yield socket.AF_INET, (each.address, int(port))


def _state(family: socket.AddressFamily, at: tuple[str, int]) -> Literal["free", "listens", "bound"]:
    """Return whether somebody listens at an address, or has it bound, also what is left of closed connections there.

    With SO_REUSEADDR, which libzmq sets, Linux refuses an address only where a socket listens (socket(7)).
    """
    if _refused(family, at, reuse=True):
        return "listens"
    return "bound" if _refused(family, at, reuse=False) else "free"


def _refused(family: socket.AddressFamily, at: tuple[str, int], *, reuse: bool) -> bool:
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, at[0] != "::")
            probe.bind(at)
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return False


def _who(inodes: set[int], address: str) -> str:
    """Name whose sockets these are: a mesh of this user's, or a process as far as /proc shows it."""
    pids = [int(each) for each in os.listdir("/proc") if each.isdecimal()]
    owners = {pid for inode, pid in sock_diag.inodes(pids) if inode in inodes}
    for mesh in meshes.running():
        status = _ask(mesh, Ps())
        names = {one["pid"]: one["name"] for one in status["processes"] if one["pid"]} if status else {}
        for pid in sorted(owners):
            if name := names.get(pid) or names.get(_group(pid)):
                return f"mesh {mesh} ({name})"
        if (info := _ask(mesh, Info())) and info["keeper"] in owners:
            return f"mesh {mesh}"
    if mesh := _planned(address):
        return mesh
    for pid in sorted(owners):
        return f"{_program(pid)}, pid {pid}," if _program(pid) else f"pid {pid}"
    return "a process of another user"


def _planned(address: str) -> str:
    """Name the running mesh whose plan has this address for a process that is not over; empty where none has."""
    for mesh in meshes.running():
        try:
            plan = model.load(folders.of(mesh).plan.read_bytes())
        except (OSError, ValueError, KeyError, TypeError):
            continue
        told = _ask(mesh, Ps())
        states = {one["name"]: one["state"] for one in told["processes"]} if told else {}
        for endpoint in plan.endpoints:
            there = endpoint.process and states.get(endpoint.process) not in OVER
            if there and endpoint.transport == "fixed" and _same(endpoint.address, address):
                return f"mesh {mesh} ({endpoint.process})"
    return ""


def _same(one: str, other: str) -> bool:
    tcp = one.startswith("tcp://") and other.startswith("tcp://")
    return one == other or (tcp and one.rpartition(":")[2] == other.rpartition(":")[2])


def _ask(mesh: str, request: Request[A]) -> A | None:
    try:
        return connection.ask(folders.of(mesh).supervisor, request, timeout=WITHIN)
    except (connection.Unreachable, connection.Refused):
        return None


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except OSError:
        return 0


def _program(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(errors="backslashreplace").strip()
    except OSError:
        return ""
