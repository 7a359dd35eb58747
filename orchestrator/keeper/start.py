"""Start one process: fork a python node from this warm process, or execute a command."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from orchestrator.contract.exits import start_ticks
from orchestrator.contract.launch import CONTROL_FD, Launch
from orchestrator.keeper.listen import Listeners, control_socket
from orchestrator.keeper.reap import Child


def start(launch: Launch, listeners: Listeners, environment: dict[str, str]) -> Child:
    """Start a process; only the parent returns. Raise OSError, or KeyError for a listener that is not held."""
    wanted = sorted(launch.listeners.items(), key=lambda item: item[1])
    held = [listeners.fileno(name) for name, _ in wanted]
    control = control_socket(launch.control) if launch.control else None
    try:
        inherited = [control.fileno()] if control else []
        pid = os.fork()
        if pid == 0:
            _become(launch, inherited + held, environment)
    finally:
        if control is not None:
            control.close()
    return Child(launch.process, launch.generation, pid, start_ticks(pid))


def _become(launch: Launch, inherited: list[int], environment: dict[str, str]) -> NoReturn:
    status = 126
    try:
        os.setsid()
        _default_signals()
        _arrange_descriptors(launch, inherited)
        os.chdir(launch.working_dir)
        os.environ.clear()
        os.environ.update(environment | launch.env)
        if launch.command:
            _execute(launch)
        status = _run(launch)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.write(2, f"cannot start {launch.process}: {error}\n".encode())
    finally:
        os._exit(status)


def _default_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        # SIGPIPE stays ignored and SIGINT stays KeyboardInterrupt, as every Python program has them.
        if number not in (signal.SIGPIPE, signal.SIGINT) and signal.getsignal(number) not in (None, signal.SIG_DFL):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def _arrange_descriptors(launch: Launch, inherited: list[int]) -> None:
    # Read-write, so that a FIFO always has a reader: a supervisor that is gone for a while costs no line.
    streams = [
        os.open(launch.stdin or os.devnull, os.O_RDONLY),
        os.open(launch.stdout, os.O_RDWR),
        os.open(launch.stderr, os.O_RDWR),
    ]
    first = 0 if launch.control else 1
    wanted = dict(enumerate(streams))
    wanted |= {CONTROL_FD + first + offset: fd for offset, fd in enumerate(inherited)}
    # Above every number in use first, so that no dup2 closes what another one still needs.
    floor = max([*wanted, *wanted.values()]) + 1
    high = {number: fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, floor) for number, fd in wanted.items()}
    for number, fd in high.items():
        os.dup2(fd, number)
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in wanted:
            with contextlib.suppress(OSError):
                os.close(int(name))


def _execute(launch: Launch) -> NoReturn:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        os.execvp(launch.command[0], launch.command)
    except OSError as error:
        os.write(2, f"cannot run {launch.command[0]}: {error.strerror}\n".encode())
        os._exit(127)


def _run(launch: Launch) -> int:
    from orchestrator.node import host

    # A terminal's habit: each line at once, since somebody reads along.
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False, encoding="utf-8", errors="backslashreplace")
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False, encoding="utf-8", errors="backslashreplace")
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text(launch.process)
    try:
        return host.run(launch)
    finally:
        atexit._run_exitfuncs()
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
