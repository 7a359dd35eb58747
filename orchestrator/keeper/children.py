"""The processes: forked from this warm one or executed, and reaped."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import NoReturn

from orchestrator import compat
from orchestrator.contract.exits import Child, Exit, start_ticks
from orchestrator.contract.launch import ABSENT, CONTROL_FD, Launch
from orchestrator.contract.messages import listen_seqpacket
from orchestrator.keeper import bounds
from orchestrator.keeper.listen import Listener

_libc = ctypes.PyDLL(None, use_errno=True)

_fork = _libc.fork
"""fork(2) without Python's hooks (threading, random, logging): this process has one thread, so there is nothing for
them to mend, and running them would give each child a quarter of a MiB of pages of its own."""

_NO_SIGNALS = bytes(1024 // 8)
"""An empty sigset_t, of glibc's size."""

PASSING = frozenset({errno.ENOMEM, errno.EAGAIN, errno.ETXTBSY, errno.EIO, errno.EMFILE, errno.ENFILE})
"""Why execve(2) may fail now and not the next time; else the command cannot be run as it stands."""

_unmask = _libc.sigprocmask
_SET = int(signal.SIG_SETMASK)


def reap(children: dict[int, Child]) -> Iterator[Exit]:
    """Reap all who have ended; return the exits of the mesh's children, which leave ``children``.

    Each is reaped after its exit was taken: who no longer finds the process finds the exit where it is written down.
    """
    with contextlib.suppress(ChildProcessError):
        while info := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            child = children.pop(info.si_pid, None)
            if child is not None:
                # Before it is reaped its pid still names its group; a grandchild would keep its port.
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(child.pid, signal.SIGKILL)
                yield Exit(**vars(child), status=_wait_status(info), time=time.time())
            os.waitpid(info.si_pid, 0)


def _wait_status(info: os.waitid_result) -> int:
    """Return the status that waitpid(2) will give."""
    if info.si_code == os.CLD_EXITED:
        return info.si_status << 8
    return info.si_status | (0x80 if info.si_code == os.CLD_DUMPED else 0)


def start(launches: list[Launch], listeners: dict[str, Listener]) -> list[Child | OSError | KeyError]:
    """Start processes; only the parent returns: what became of each, KeyError for a listener that is not held."""
    from orchestrator.node import host

    with contextlib.ExitStack() as opened:
        prepared = [_prepare(launch, listeners, opened) for launch in launches]
        programs = host.prepare(launch for launch in launches if not launch.command)
        last = max(map(int, os.listdir("/proc/self/fd")))
        gc.freeze()  # a child's collector would touch each object of this process
        # In one burst, since each page that this process touches between two forks costs a child a page of its own;
        # all that can be done before is done, since so does each that the child touches.
        pids = []
        with _signals_of_a_child():
            for launch, wanted in zip(launches, prepared, strict=True):
                pid = -1 if isinstance(wanted, Exception) else _fork()
                if pid == 0 and not isinstance(wanted, Exception):
                    _exec_child(launch, wanted, last, programs.get(launch.process))
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


def _prepare(
    launch: Launch, listeners: dict[str, Listener], opened: contextlib.ExitStack
) -> dict[int, int] | OSError | KeyError:
    """Open what a process inherits; return the descriptors by the numbers that it has them under."""

    def file(path: str, flags: int) -> int:
        fd = os.open(path, flags)
        opened.callback(os.close, fd)
        return fd

    try:
        # Read-write, so that a FIFO always has a reader: a supervisor that is gone for a while costs no line.
        wanted = {
            0: file(launch.stdin or os.devnull, os.O_RDONLY),
            1: file(launch.stdout, os.O_RDWR),
            2: file(launch.stderr, os.O_RDWR),
        }
        if launch.control:
            wanted[CONTROL_FD] = opened.enter_context(listen_seqpacket(launch.control)).fileno()
        return wanted | {number: listeners[name].socket.fileno() for name, number in launch.listeners.items()}
    except (OSError, KeyError) as error:
        return error


@contextlib.contextmanager
def _signals_of_a_child() -> Iterator[None]:
    """Handle signals as a new program does, so that a child need not touch what this process has set."""
    woken = signal.set_wakeup_fd(-1)
    handler = signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGCHLD, handler)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)


def _exec_child(launch: Launch, wanted: dict[int, int], last: int, program: Callable[[], int] | None) -> NoReturn:
    status = 126
    try:
        os.setsid()
        _unmask(_SET, _NO_SIGNALS, None)  # Python's own works with enumerations, in pages of the child's
        _place_descriptors(wanted, last)
        os.chdir(launch.working_dir)
        if launch.limits or launch.many_files or launch.cores or (launch.nice, launch.realtime) != (None, None):
            bounds.apply(launch)
        for name, text in launch.env.items():
            os.environ[name] = text
        status = _run(launch.process, program) if program else _execute(launch.command)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.write(2, f"cannot start {launch.process}: {error}\n".encode())
    finally:
        os._exit(status)


def _place_descriptors(wanted: dict[int, int], last: int) -> None:
    # Above every number that is wanted first, so that no dup2 closes what another one still needs.
    floor = len(wanted)
    for number, fd in wanted.items():
        if fd < floor:
            wanted[number] = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, floor)
    for number, fd in wanted.items():
        os.dup2(fd, number)
    # What it keeps has the first numbers, so one call closes the rest: everybody's listeners among it.
    os.closerange(floor, last + floor + 1)


def _execute(command: tuple[str, ...]) -> int:
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        script = error.errno == errno.ENOENT and os.path.exists(command[0])
        why = "the interpreter that its first line names is not there" if script else error.strerror
        os.write(2, f"cannot run {command[0]}: {why}\n".encode())
        return 126 if error.errno in PASSING else ABSENT


def _run(process: str, program: Callable[[], int]) -> int:
    gc.enable()
    if "random" in sys.modules:
        sys.modules["random"].seed()
    with contextlib.suppress(OSError):
        comm = os.open("/proc/self/comm", os.O_WRONLY)
        os.write(comm, process.encode())
        os.close(comm)
    try:
        return program()
    finally:
        compat.run_exit_functions()
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
