"""From a plan's process to the files that the keeper and the process read when it starts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from orchestrator.contract import env_file, private
from orchestrator.contract.folders import Folders
from orchestrator.contract.keeper_messages import Wanted
from orchestrator.contract.launch import CONTROL_FD, PYTHON, Launch
from orchestrator.plan.model import Endpoint, Node, Plan, Process, ResourceLimits
from orchestrator.plan.wiring import command_of, environment_of, wiring_of
from orchestrator.supervisor.runtime import secrets

READ_AT_START = (
    *("PYTHON", "COVERAGE_", "COV_CORE_", "PYDEVD_"),  # the interpreter, and what a .pth file of site-packages begins
    *("LD_", "GLIBC_", "MALLOC_", "LC_", "LANG", "TZ"),  # the loader and libc
    *("JEMALLOC", "_RJEM_", "MIMALLOC_", "TCMALLOC_"),  # an allocator in its place
    *("ASAN_", "LSAN_", "MSAN_", "TSAN_", "UBSAN_"),  # sanitizers
    "OMP_",
)
"""Variables that only a new interpreter takes in, so that a process with them cannot be forked."""

UNBUFFERED = "PYTHONUNBUFFERED"


def prepare(
    plan: Plan, name: str, generation: int, endpoints: Mapping[str, Endpoint], folders: Folders, *, fork: bool = True
) -> Path:
    """Write wiring and launch order of the next incarnation; return the order's path. Raise OSError or BadEnvFile.

    Without ``fork`` the order is for somebody who cannot fork a warm process: it always has a command.
    """
    process = plan.process[name]
    node = plan.node[process.node]
    given = env_file.read(process.env_files)
    bound = [each for socket in process.sockets for each in socket.binds]
    kept = [each for each in bound if node.library and keepable(endpoints[each])]
    held = {each: CONTROL_FD + 1 + number for number, each in enumerate(kept)}
    search = tuple(dict.fromkeys((process.working_dir, *node.search)))
    launch = Launch(
        process=name,
        generation=generation,
        python=node.python,
        command=_command(plan, name, endpoints, (*given, *process.env), search, fork=fork),
        args=process.args,
        env=given | environment(plan, name, endpoints, folders),
        working_dir=process.working_dir,
        stdin=_stdin(folders, name, process.stdin),
        stdout=str(folders.file(name, "out")),
        stderr=str(folders.file(name, "err")),
        wiring=str(_wiring(name, folders)),
        control=_control(node, name, folders),
        listeners=held,
        search=search,
        # Who connects there takes a descriptor, and many systems allow 1024 at first.
        many_files=any(_is_tcp(endpoints[each]) for each in bound)
        and (node.bounds is None or node.bounds.nofile is None),
        **limits_of(node.bounds),
    )
    _write_wiring(plan, name, generation, endpoints, folders, held)
    path = folders.file(name, "launch.json")
    private.replace(path, launch.dump())
    return path


def _write_wiring(
    plan: Plan,
    name: str,
    generation: int,
    endpoints: Mapping[str, Endpoint],
    folders: Folders,
    fds: Mapping[str, int],
) -> None:
    node = plan.node[plan.process[name].node]
    wiring = wiring_of(
        plan,
        name,
        generation,
        endpoints,
        control=_control(node, name, folders),
        control_fd=CONTROL_FD if node.library else None,
        fds=fds,
        notify=_notify(plan, name, folders),
        journals=str(folders.journals),
        side=lambda publisher: f"ipc://{folders.socket(f'{publisher}@replay')}",
        secret=lambda circle: secrets.of(folders.secret, circle),
    )
    private.replace(_wiring(name, folders), wiring.dump())


def _command(
    plan: Plan,
    name: str,
    endpoints: Mapping[str, Endpoint],
    variables: Iterable[str],
    search: tuple[str, ...],
    *,
    fork: bool,
) -> tuple[str, ...]:
    """Return what is executed; empty, or a command of the topology's, where the keeper forks a warm process."""
    node = plan.node[plan.process[name].node]
    early = any(variable.startswith(READ_AT_START) for variable in variables)
    if node.python and (node.interpreter or early or not fork):
        interpreter = (node.interpreter,) if node.interpreter else PYTHON
        return (*interpreter, "-m", "orchestrator.node.host", node.python, *search)
    return command_of(plan, name, endpoints)


def _control(node: Node, name: str, folders: Folders) -> str:
    return folders.control(name) if node.library else ""


def _is_tcp(endpoint: Endpoint) -> bool:
    return endpoint.transport == "tcp" or endpoint.address.startswith("tcp://")


def limits_of(bounds: ResourceLimits | None) -> dict[str, Any]:
    """Return what a launch order says of limits."""
    if bounds is None:
        return {}
    limits = {name: getattr(bounds, name) for name in ("nofile", "memlock", "core")}
    return {
        "limits": {name: limit for name, limit in limits.items() if limit is not None},
        "cores": bounds.cores,
        "nice": bounds.nice,
        "realtime": bounds.realtime,
    }


def environment(plan: Plan, name: str, endpoints: Mapping[str, Endpoint], folders: Folders) -> dict[str, str]:
    """Return what a process finds in its environment, but for what stands in its files of variables.

    Raise KeyError where it is unknown, BadEnvFile.
    """
    ours = environment_of(plan, name, endpoints, str(_wiring(name, folders)), _notify(plan, name, folders))
    return _unbuffered(plan.process[name]) | ours


def _unbuffered(process: Process) -> dict[str, str]:
    """Let a command that is written in Python lose none of its output when a signal ends it, unless it is said."""
    said = not process.command or UNBUFFERED in os.environ or UNBUFFERED in env_file.read(process.env_files)
    return {} if said else {UNBUFFERED: "1"}


def whole_environment(plan: Plan, name: str, endpoints: Mapping[str, Endpoint], folders: Folders) -> dict[str, str]:
    """Return all variables of a process. Raise BadEnvFile."""
    given = env_file.read(plan.process[name].env_files)
    return dict(os.environ) | given | environment(plan, name, endpoints, folders)


def _wiring(name: str, folders: Folders) -> Path:
    return folders.file(name, "wiring.json")


def _notify(plan: Plan, name: str, folders: Folders) -> str:
    node = plan.node[plan.process[name].node]
    return folders.notify(name) if node.ready.how == "notify" and not node.library else ""


def keepable(endpoint: Endpoint) -> bool:
    """Return whether the keeper can hold an endpoint's listening socket: a path, or a numeric address and port."""
    if endpoint.transport != "fixed":
        return True
    if endpoint.address.startswith("ipc://"):
        return not endpoint.address.endswith("*")
    host, _, port = endpoint.address.removeprefix("tcp://").rpartition(":")
    numeric = host in ("*", "0.0.0.0") or host.replace(".", "").isdigit()
    return endpoint.address.startswith("tcp://") and numeric and port.isdigit()


def wanted(endpoint: Endpoint, address: str, library: bool) -> Wanted:
    """Return the keeper's ``listen`` item for an endpoint; ``address`` where it had one before."""
    if not address:
        address = endpoint.address or "tcp://127.0.0.1:*"
    return Wanted(endpoint.name, address, backlog=max(100, endpoint.peers), reserve=not library)


def _stdin(folders: Folders, name: str, text: str | None) -> str:
    if text is None:
        return ""
    path = folders.file(name, "stdin")
    private.replace(path, text.encode())
    return str(path)
