"""What this machine has of what a mesh needs, and what is missed where it has not."""

from __future__ import annotations

import os
import platform
import resource
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from orchestrator.contract import folders
from orchestrator.report.doctor import Check

KERNEL = (5, 10)
"""Oldest kernel that meshes are run on."""

LIBZMQ = (4, 3, 5)
"""Oldest libzmq whose facts are tested."""

DESCRIPTORS = 4096
"""Descriptors that a mesh of some hundred processes needs: a supervisor keeps about six for each."""

FREE = 256 * 2**20
"""Bytes for the logs of some processes; each may write 30 MiB as a default."""


def checks() -> Iterator[Check]:
    """Look at everything that a mesh needs, one by one. Starts nothing, and changes nothing."""
    for look in (
        _kernel, _pidfd, _diagnostics, _wait_channel, _descriptors, _backlog, _ports, _realtime, _run_folder,
        _state_folder, _python, _libzmq,
    ):  # fmt: skip
        yield from look()


def _kernel() -> Iterator[Check]:
    release = platform.release()
    numbers = tuple(int(part) for part in release.split("-")[0].split(".")[:2] if part.isdecimal())
    if sys.platform != "linux":
        yield Check("kernel", "missing", platform.system(), "meshes run on Linux; validate, plan and the like run here")
    elif numbers < KERNEL:
        oldest = ".".join(map(str, KERNEL))
        yield Check("kernel", "limited", release, f"it is older than {oldest}, with which nothing is tested")
    else:
        yield Check("kernel", "ok", release)


def _pidfd() -> Iterator[Check]:
    try:
        fd = os.pidfd_open(os.getpid())
        signal.pidfd_send_signal(fd, 0)
        os.close(fd)
    except (AttributeError, OSError) as error:
        yield Check("pidfd", "missing", str(error), "processes cannot be watched or signalled (pidfd_open(2))")
    else:
        yield Check("pidfd", "ok", "pidfd_open and pidfd_send_signal")


def _diagnostics() -> Iterator[Check]:
    consequence = "ps shows no links over ipc, and a drain does not see whether a connection is gone (sock_diag(7))"
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4):
            yield Check("socket diagnosis", "ok", "netlink")
    except (AttributeError, OSError) as error:
        yield Check("socket diagnosis", "limited", str(error), consequence)


def _wait_channel() -> Iterator[Check]:
    consequence = "`live: {}` takes each process that waits for one that waits in poll (proc(5), wchan)"
    try:
        # A thread that runs, as ours, waits nowhere: 0. The kernel's setting tells whether others are shown.
        hidden = Path("/proc/sys/kernel/kptr_restrict").read_text().strip() == "2" and os.getuid() != 0
        Path("/proc/self/wchan").read_text()
    except OSError as error:
        yield Check("wait channel", "limited", str(error), consequence)
    else:
        yield Check("wait channel", "limited" if hidden else "ok", "hidden" if hidden else "shown", consequence)


def _descriptors() -> Iterator[Check]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    consequence = (
        f"a supervisor keeps about six for each process; `ulimit -Hn {DESCRIPTORS}` or LimitNOFILE= of systemd"
    )
    fine = hard == resource.RLIM_INFINITY or hard >= DESCRIPTORS
    yield Check("descriptors", "ok" if fine else "limited", f"{soft}, at most {hard}", consequence)


def _backlog() -> Iterator[Check]:
    found = _number("/proc/sys/net/core/somaxconn")
    consequence = "who binds for more peers than this has some of them try again when all start (listen(2))"
    if found is not None:
        yield Check("connections in a backlog", "ok" if found >= 1024 else "limited", str(found), consequence)


def _ports() -> Iterator[Check]:
    try:
        low, high = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    except (OSError, ValueError):
        return
    consequence = "each link over tcp takes one of them (ip(7), ip_local_port_range)"
    yield Check("ephemeral ports", "ok" if high - low > 8192 else "limited", f"{low} to {high}", consequence)


def _realtime() -> Iterator[Check]:
    limit = resource.getrlimit(resource.RLIMIT_RTPRIO)[1]
    allowed = os.geteuid() == 0 or limit != 0
    consequence = "`cpu: {realtime: N}` is refused by the kernel (sched(7), RLIMIT_RTPRIO)"
    yield Check("realtime", "ok" if allowed else "limited", "allowed" if allowed else "not allowed", consequence)


def _run_folder() -> Iterator[Check]:
    root, check = _root("run folder", folders.RUN, folders.run_root)
    if check:
        yield check
        return
    room = folders.PATH_LIMIT - len(os.fsencode(root))
    if not os.environ.get(folders.RUN):
        yield Check("run folder", "ok", f"{root}, since {folders.RUN} is not set")
    elif room < 40:
        yield Check("run folder", "limited", str(root), "it is so deep that sockets in it get short names")
    else:
        yield Check("run folder", "ok", str(root))


def _state_folder() -> Iterator[Check]:
    root, check = _root("state folder", folders.STATE, folders.state_root)
    if check:
        yield check
        return
    free = shutil.disk_usage(_there(root)).free
    consequence = "a full disk keeps logs and events from being written; the mesh goes on"
    yield Check("state folder", "ok" if free >= FREE else "limited", f"{root}, {free // 2**20} MiB free", consequence)


def _root(name: str, variable: str, find: Callable[[], Path]) -> tuple[Path, Check | None]:
    """Find a folder of meshes; return what keeps meshes from having it too."""
    try:
        root = find()
    except folders.FolderError as error:
        return Path(), Check(name, "missing", os.environ.get(variable, ""), str(error))
    there = _there(root)
    if not there.is_dir():
        return root, Check(name, "missing", str(root), f"{there} is no folder; set {variable}")
    if not os.access(there, os.W_OK):
        return root, Check(name, "missing", str(root), f"{there} cannot be written; set {variable}")
    return root, None


def _there(root: Path) -> Path:
    """Return what there is of the way to a folder."""
    return next(path for path in (root, *root.parents) if os.path.lexists(path))


def _python() -> Iterator[Check]:
    yield Check("python", "ok", f"{platform.python_version()}, {sys.executable}")


def _libzmq() -> Iterator[Check]:
    try:
        import zmq
    except ImportError as error:
        yield Check("libzmq", "missing", str(error), "no node can run; install pyzmq")
        return
    found = f"{zmq.zmq_version()}, pyzmq {zmq.pyzmq_version()}"
    old = zmq.zmq_version_info() < LIBZMQ
    oldest = ".".join(map(str, LIBZMQ))
    yield Check("libzmq", "limited" if old else "ok", found, f"it is older than {oldest}, with which nothing is tested")
    consequences = {"ipc": "edges on this machine need `transport: tcp`", "curve": "edges cannot be encrypted"}
    for ability, consequence in consequences.items():
        there: bool = zmq.has(ability)
        yield Check(f"libzmq {ability}", "ok" if there else "limited", "yes" if there else "no", consequence)


def _number(path: str) -> int | None:
    try:
        return int(Path(path).read_text())
    except (OSError, ValueError):
        return None
