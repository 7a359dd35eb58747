"""The processes: forked from this warm one or executed, and reaped."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import fcntl
import gc
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import NoReturn

from orchestrator.contract.exits import Child, Exit, start_ticks
from orchestrator.contract.launch import CONTROL_FD, Launch
from orchestrator.keeper.listen import Listener, door

_fork = ctypes.PyDLL(None, use_errno=True).fork
"""fork(2) without Python's hooks (threading, random, logging): this process has one thread, so there is nothing for
them to mend, and running them would give each child a quarter of a MiB of pages of its own."""


def reap(children: dict[int, Child]) -> Iterator[Exit]:
    """Reap all who have ended; give the exits of the mesh's children, which leave ``children``."""
    with contextlib.suppress(ChildProcessError):
        while info := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            child = children.pop(info.si_pid, None)
            if child is not None:
                # Before it is reaped its pid still names its group; a grandchild would keep its port.
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(child.pid, signal.SIGKILL)
            _, status = os.waitpid(info.si_pid, 0)
            if child is not None:
                yield Exit(**asdict(child), status=status, time=time.time())


def start(launches: list[Launch], listeners: dict[str, Listener]) -> list[Child | OSError | KeyError]:
    """Start processes; only the parent returns: what became of each, KeyError for a listener that is not held."""
    with contextlib.ExitStack() as doors:
        prepared = [_inherited(launch, listeners, doors) for launch in launches]
        # In one burst, since each page that this process touches between two forks costs a child a page of its own.
        pids = []
        for launch, inherited in zip(launches, prepared, strict=True):
            pid = -1 if isinstance(inherited, Exception) else _fork()
            if pid == 0 and not isinstance(inherited, Exception):
                _become(launch, inherited)
            pids.append(pid)
        failed = OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return [
        Child(launch.process, launch.generation, pid, start_ticks(pid))
        if pid > 0
        else each
        if isinstance(each, Exception)
        else failed
        for launch, each, pid in zip(launches, prepared, pids, strict=True)
    ]


def _inherited(
    launch: Launch, listeners: dict[str, Listener], doors: contextlib.ExitStack
) -> dict[int, int] | OSError | KeyError:
    try:
        inherited = {number: listeners[name].socket.fileno() for name, number in launch.listeners.items()}
        if launch.control:
            inherited[CONTROL_FD] = doors.enter_context(door(launch.control)).fileno()
    except (OSError, KeyError) as error:
        return error
    return inherited


def _become(launch: Launch, inherited: dict[int, int]) -> NoReturn:
    status = 126
    try:
        os.setsid()
        _default_signals()
        _arrange_descriptors(launch, inherited)
        os.chdir(launch.working_dir)
        for name, text in launch.env.items():
            os.environ[name] = text
        status = _execute(launch.command) if launch.command else _run(launch)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.write(2, f"cannot start {launch.process}: {error}\n".encode())
    finally:
        os._exit(status)


def _default_signals() -> None:
    signal.set_wakeup_fd(-1)
    # SIGPIPE stays ignored and SIGINT stays KeyboardInterrupt, as every Python program has them.
    for number in (signal.SIGCHLD, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def _arrange_descriptors(launch: Launch, inherited: dict[int, int]) -> None:
    # Read-write, so that a FIFO always has a reader: a supervisor that is gone for a while costs no line.
    wanted = inherited | {
        0: os.open(launch.stdin or os.devnull, os.O_RDONLY),
        1: os.open(launch.stdout, os.O_RDWR),
        2: os.open(launch.stderr, os.O_RDWR),
    }
    # Above every number in use first, so that no dup2 closes what another one still needs.
    floor = max([*wanted, *wanted.values()]) + 1
    high = {number: fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, floor) for number, fd in wanted.items()}
    for number, fd in high.items():
        os.dup2(fd, number)
    # What it keeps has the first numbers, so one call closes the rest: everybody's listeners among it.
    os.closerange(len(wanted), 1 + max(map(int, os.listdir("/proc/self/fd"))))


def _execute(command: tuple[str, ...]) -> int:
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        os.write(2, f"cannot run {command[0]}: {error.strerror}\n".encode())
        return 127


def _run(launch: Launch) -> int:
    from orchestrator.node import host

    gc.enable()
    if "random" in sys.modules:
        sys.modules["random"].seed()
    with contextlib.suppress(OSError):
        comm = os.open("/proc/self/comm", os.O_WRONLY)
        os.write(comm, launch.process.encode())
        os.close(comm)
    try:
        return host.run(launch)
    finally:
        atexit._run_exitfuncs()
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
