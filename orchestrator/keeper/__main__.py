"""``python -m orchestrator.keeper RUN STATE [SUPERVISOR_PID]``: keep one mesh's processes."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import gc
import json
import os
import select
import shutil
import signal
import socket
import sys
import time
from pathlib import Path

from orchestrator.contract import exits, launch, messages
from orchestrator.contract.folders import Folders
from orchestrator.contract.messages import FDS_LIMIT, Message
from orchestrator.keeper.listen import Listeners, answer_listen
from orchestrator.keeper.reap import Child, reap
from orchestrator.keeper.start import start

PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
FIRST_DELAY, LONGEST_DELAY = 0.02, 5.0
"""Seconds between starts of a supervisor that keeps dying."""

STEADY = 10.0
"""Seconds after which a supervisor's death is not held against the next one."""


class Keeper:
    """One thread, one loop: requests, exits, and a supervisor that is always there."""

    def __init__(self, folders: Folders, supervisor: int | None) -> None:
        self._folders = folders
        self._listeners = Listeners()
        self._children: dict[int, Child] = {}
        self._environment: dict[str, str] = json.loads(folders.environment.read_bytes())
        self._connection: socket.socket | None = None
        self._quit = False
        self._delay = FIRST_DELAY
        self._started = time.monotonic()
        self._poll = select.poll()
        self._wakeup, told = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(told, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._door = _listen(folders.keeper)
        self._supervisor = os.pidfd_open(supervisor) if supervisor else self._start_supervisor()
        for fd in (self._wakeup, self._door.fileno(), self._supervisor):
            self._poll.register(fd, select.POLLIN)

    def run(self) -> None:
        """Serve until a supervisor says quit."""
        while not self._quit:
            for fd, _ in self._poll.poll():
                if fd == self._wakeup:
                    with contextlib.suppress(BlockingIOError):
                        os.read(self._wakeup, 4096)
                elif fd == self._door.fileno():
                    self._accept()
                elif self._connection is not None and fd == self._connection.fileno():
                    self._serve()
            self._reap()
            self._watch_supervisor()

    def end(self) -> None:
        """Kill what is left of the tree and remove the run folder."""
        for name in self._listeners.names():
            self._listeners.drop(name)
        _wait_for(self._supervisor)
        for pid in _children_of(os.getpid()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._reap()
        shutil.rmtree(self._folders.run, ignore_errors=True)

    def _start_supervisor(self) -> int:
        arguments = ["-m", "orchestrator.supervisor", str(self._folders.run), str(self._folders.state)]
        self._started = time.monotonic()
        return os.pidfd_open(os.posix_spawn(sys.executable, [sys.executable, *arguments], os.environ))

    def _watch_supervisor(self) -> None:
        if self._quit or not _gone(self._supervisor):
            return
        self._poll.unregister(self._supervisor)
        os.close(self._supervisor)
        self._drop_connection()
        if time.monotonic() - self._started > STEADY:
            self._delay = FIRST_DELAY
        time.sleep(self._delay)
        self._delay = min(self._delay * 2, LONGEST_DELAY)
        self._supervisor = self._start_supervisor()
        self._poll.register(self._supervisor, select.POLLIN)

    def _accept(self) -> None:
        self._drop_connection()
        self._connection, _ = self._door.accept()
        messages.widen(self._connection)
        self._connection.settimeout(5)
        self._poll.register(self._connection, select.POLLIN)

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._poll.unregister(self._connection)
            self._connection.close()
            self._connection = None

    def _serve(self) -> None:
        assert self._connection is not None
        try:
            received = messages.receive(self._connection)
            if received is None:
                self._drop_connection()
                return
            request, fds = received
            body, rights = self._answer(request, fds)
            messages.send(self._connection, {"answer": request.get("id"), **body}, rights)
            if request.get("do") == "hello":
                self._send_listeners()
        except (OSError, ValueError) as error:
            # A supervisor that connects anew reads the file of exits, so nothing is lost with the connection.
            print(f"keeper: connection to the supervisor ended: {error}", flush=True)
            self._drop_connection()

    def _answer(self, request: Message, fds: list[int]) -> tuple[Message, tuple[int, ...]]:
        match request.get("do"):
            case "hello":
                children = [
                    {"process": c.process, "generation": c.generation, "pid": c.pid, "ticks": c.ticks}
                    for c in self._children.values()
                ]
                return {"pid": os.getpid(), "children": children, "listeners": self._listeners.names()}, ()
            case "listen":
                return answer_listen(self._listeners, request["endpoints"])
            case "adopt":
                for name, address, fd in zip(request["names"], request["addresses"], fds, strict=True):
                    self._listeners.adopt(name, address, fd)
                return {}, ()
            case "unlisten":
                for name in request["names"]:
                    self._listeners.drop(name)
                return {}, ()
            case "start":
                return self._start(request["launch"]), ()
            case "quit":
                self._quit = True
                return {}, ()
            case other:
                return {"error": f"unknown request {other!r}"}, ()

    def _start(self, path: str) -> Message:
        try:
            child = start(launch.load(Path(path).read_bytes()), self._listeners, self._environment)
        except (OSError, ValueError, TypeError, KeyError) as error:
            return {"error": str(error)}
        self._children[child.pid] = child
        return {"pid": child.pid, "ticks": child.ticks}

    def _send_listeners(self) -> None:
        assert self._connection is not None
        names = self._listeners.names()
        for first in range(0, len(names), FDS_LIMIT):
            some = names[first : first + FDS_LIMIT]
            addresses = [self._listeners.address(name) for name in some]
            fds = tuple(self._listeners.fileno(name) for name in some)
            messages.send(self._connection, {"say": "listeners", "names": some, "addresses": addresses}, fds)

    def _reap(self) -> None:
        for _, ended in reap(self._children):
            if ended is None:
                continue
            try:
                exits.append(self._folders.exits, ended)
            except OSError as error:
                print(f"keeper: cannot write {self._folders.exits}: {error.strerror}", flush=True)
            self._tell(ended)

    def _tell(self, ended: exits.Exit) -> None:
        if self._connection is None:
            return
        body = {name: getattr(ended, name) for name in exits.Exit.__slots__}
        try:
            messages.send(self._connection, {"say": "exited", **body}, flags=socket.MSG_DONTWAIT)
        except OSError:
            self._drop_connection()


def _listen(path: str) -> socket.socket:
    Path(path).unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    door.bind(path)
    door.listen(8)
    return door


def _gone(pidfd: int) -> bool:
    return bool(select.select([pidfd], [], [], 0)[0])


def _wait_for(pidfd: int) -> None:
    if not select.select([pidfd], [], [], 5)[0]:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        select.select([pidfd], [], [])


def _children_of(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _warm() -> None:
    # Imported before the forks, so that all nodes share it; no Context is made here.
    import orchestrator.node.host  # noqa: F401

    gc.collect()
    gc.freeze()
    gc.disable()


def main(run: str, state: str, supervisor: str = "") -> int:
    """Keep the mesh whose folders these are; 75 when another keeper does."""
    folders = Folders(Path(run), Path(state))
    lock = os.open(folders.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("keeper: another one keeps this mesh", flush=True)
        return 75
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    keeper = Keeper(folders, int(supervisor) if supervisor else None)
    _warm()
    keeper.run()
    keeper.end()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
