"""``python -m orchestrator.keeper [RUN STATE [SUPERVISOR_PID]]``: keep the processes of the mesh of these folders.

Without arguments it is told the folders on its standard input, and is warm by then.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import gc
import json
import os
import select
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from orchestrator.contract import codec, exits, launch, messages
from orchestrator.contract import keeper_messages as keeper
from orchestrator.contract.codec import BadMessage, Done, Failed, Part
from orchestrator.contract.exits import Child
from orchestrator.contract.folders import Folders, announcement, from_argv_or_stdin
from orchestrator.contract.messages import FDS_LIMIT, Message, listen_seqpacket
from orchestrator.keeper import heap
from orchestrator.keeper.children import reap, start
from orchestrator.keeper.listen import Listener, listen

PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
BLOCKED_SIGNALS = (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)
FIRST_DELAY, LONGEST_DELAY, STEADY = 0.02, 5.0, 10.0
"""Seconds between starts of a supervisor that keeps dying, and how long one has to live to be thought well of."""


class Warm(NamedTuple):
    """A supervisor that waits for its folders on the other end of a pipe."""

    pid: int
    tell: int


class Keeper:
    """One thread, one loop: requests, exits, and a supervisor that is always there."""

    def __init__(self, folders: Folders, supervisor: int | None, warm: Warm | None) -> None:
        self._folders = folders
        self._listeners: dict[str, Listener] = {}
        self._children: dict[int, exits.Child] = {}
        # The nodes' environment becomes this process's, so that a forked one need not touch it.
        self._own_environment = dict(os.environ)
        _change_environment(json.loads(folders.environment.read_bytes()))
        self._connection: socket.socket | None = None
        self._unsent: deque[tuple[Message, tuple[int, ...]]] = deque()
        self._quit = False
        self._delay, self._started = FIRST_DELAY, time.monotonic()
        self._poll = select.poll()
        self._wakeup, woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._door = listen_seqpacket(folders.keeper)
        if warm is not None:
            os.write(warm.tell, announcement(folders))
            os.close(warm.tell)
            supervisor = warm.pid
        self._supervisor = os.pidfd_open(supervisor) if supervisor else self._start_supervisor()
        for fd in (self._wakeup, self._door.fileno(), self._supervisor):
            self._poll.register(fd, select.POLLIN)

    def run(self) -> None:
        """Serve until a supervisor says quit; kill what is left of the tree then, and remove the run folder."""
        while not self._quit:
            ready = {fd for fd, _ in self._poll.poll()}
            if self._wakeup in ready:
                os.read(self._wakeup, 4096)
            if self._connection is not None and self._connection.fileno() in ready:
                self._converse(self._connection)
            if self._door.fileno() in ready:
                self._accept()
            self._reap()
            if self._supervisor in ready and not self._quit:
                self._replace_supervisor()
        self._end()

    def _end(self) -> None:
        for listener in self._listeners.values():
            listener.close()
        self._poll = select.poll()
        self._poll.register(self._supervisor, select.POLLIN)
        self._poll.poll(5000)  # it leaves by itself
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._supervisor, signal.SIGKILL)
        # The orphans of who is killed here become ours, so look until nobody is left.
        while children := Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
            for pid in map(int, children):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
        import shutil

        shutil.rmtree(self._folders.run, ignore_errors=True)

    def _start_supervisor(self) -> int:
        arguments = ["-m", "orchestrator.supervisor", str(self._folders.run), str(self._folders.state)]
        self._started = time.monotonic()
        command = [*launch.PYTHON, *arguments]
        return os.pidfd_open(os.posix_spawn(sys.executable, command, self._own_environment, setsigmask=[]))

    def _replace_supervisor(self) -> None:
        # It may have asked for the end before its own.
        while self._connection is not None and not self._quit and self._converse(self._connection):
            pass
        if self._quit:
            return
        if not self._folders.run.exists():
            # No supervisor could begin, and no client could reach it.
            print(f"keeper: {self._folders.run} is gone, so all end", flush=True)
            self._quit = True
            return
        self._poll.unregister(self._supervisor)
        os.close(self._supervisor)
        if time.monotonic() - self._started > STEADY:
            self._delay = FIRST_DELAY
        time.sleep(self._delay)
        self._delay = min(self._delay * 2, LONGEST_DELAY)
        self._supervisor = self._start_supervisor()
        self._poll.register(self._supervisor, select.POLLIN)

    def _accept(self) -> None:
        self._drop_connection()
        self._connection, _ = self._door.accept()
        messages.set_send_buffer(self._connection)
        self._connection.setblocking(False)
        self._poll.register(self._connection, select.POLLIN)

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._poll.unregister(self._connection)
            self._connection.close()
            self._connection = None
            self._unsent.clear()

    def _converse(self, connection: socket.socket) -> bool:
        """Send what waits, or answer a request; return whether there was something to do."""
        # No request is read while answers wait: a supervisor that does not read costs no memory, and no time here.
        did = bool(self._unsent) or self._serve(connection)
        self._send(connection)
        return did and not self._unsent

    def _send(self, connection: socket.socket) -> None:
        try:
            while self._unsent:
                messages.send(connection, *self._unsent[0])
                self._unsent.popleft()
        except BlockingIOError:
            pass
        except OSError:  # who has hung up may have said more before
            self._unsent.clear()
        if connection is self._connection:
            self._poll.modify(connection, select.POLLOUT if self._unsent else select.POLLIN)

    def _serve(self, connection: socket.socket) -> bool:
        received = None
        try:
            received = messages.receive(connection)
        except BlockingIOError:
            return False
        except (OSError, BadMessage):
            pass
        if received is None:
            self._drop_connection()
            return True
        request, fds = received
        try:
            body, rights = self._answer(codec.decode_one(keeper.REQUESTS, "do", "request", request), fds)
        except (OSError, ValueError, TypeError, KeyError) as error:
            body, rights = Failed(str(error)), ()
        self._unsent.append((messages.answering(request.get("id"), body), rights))
        if isinstance(body, keeper.Kept):
            self._unsent.extend(self._all_listeners())
        return True

    def _answer(self, request: Part, fds: list[int]) -> tuple[Part, tuple[int, ...]]:
        match request:
            case keeper.Hello():
                return keeper.Kept(os.getpid(), tuple(self._children.values()), tuple(self._listeners)), ()
            case keeper.Listen(endpoints):
                return self._listen(endpoints)
            case keeper.Adopt(names, addresses):
                for name, address, fd in zip(names, addresses, fds, strict=True):
                    self._listeners[name] = Listener(socket.socket(fileno=fd), address)
            case keeper.Unlisten(names):
                for name in self._listeners.keys() & {*names}:
                    self._listeners.pop(name).close()
            case keeper.Start(launches):
                orders = [launch.load(Path(path).read_bytes()) for path in launches]
                return keeper.Starts(tuple(map(self._note, start(orders, self._listeners)))), ()
            case keeper.Quit():
                self._quit = True
        return Done(), ()

    def _note(self, child: Child | OSError | KeyError) -> keeper.Started | Failed:
        if isinstance(child, Exception):
            return Failed(str(child))
        self._children[child.pid] = child
        return keeper.Started(child.pid, child.ticks)

    def _listen(self, endpoints: Iterable[keeper.Wanted]) -> tuple[Part, tuple[int, ...]]:
        addresses: dict[str, str] = {}
        errors: dict[str, str] = {}
        for each in endpoints:
            try:
                if each.name not in self._listeners:
                    self._listeners[each.name] = listen(each.address, each.backlog, each.reserve)
                addresses[each.name] = self._listeners[each.name].address
            except OSError as error:
                errors[each.name] = f"{each.address}: {error.strerror or error}"
        fds = tuple(self._listeners[name].socket.fileno() for name in addresses)
        return keeper.Listening(addresses, errors), fds

    def _all_listeners(self) -> Iterator[tuple[Message, tuple[int, ...]]]:
        held = list(self._listeners.items())
        for first in range(0, len(held), FDS_LIMIT):
            names, some = zip(*held[first : first + FDS_LIMIT], strict=True)
            addresses = tuple(listener.address for listener in some)
            fds = tuple(listener.socket.fileno() for listener in some)
            yield messages.saying(keeper.Listeners(names, addresses)), fds

    def _reap(self) -> None:
        for ended in reap(self._children):
            try:
                exits.append(self._folders.exits, ended)
            except OSError as error:
                print(f"keeper: cannot write {self._folders.exits}: {error.strerror}", flush=True)
            if self._connection is not None and not self._unsent:  # an end is never told before its start
                with contextlib.suppress(OSError):  # it watches pids too, and looks into the file
                    messages.send(self._connection, messages.saying(keeper.Exited(**vars(ended))))


def _change_environment(wanted: dict[str, str]) -> None:
    # Only what differs: libc keeps what it is given in a tree that spans many pages.
    for name in os.environ.keys() - wanted.keys():
        del os.environ[name]
    for name, text in wanted.items():
        if os.environ.get(name) != text:
            os.environ[name] = text


def _warm_supervisor() -> Warm:
    heard, tell = os.pipe2(os.O_CLOEXEC)
    command = [*launch.PYTHON, "-m", "orchestrator.supervisor"]
    pid = os.posix_spawn(
        sys.executable, command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, heard, 0)], setsigmask=[]
    )
    os.close(heard)
    return Warm(pid, tell)


def main(*arguments: str) -> int:
    """Keep the mesh whose folders these are; 75 when another keeper does. Without any it is told them, warm by then."""
    warm = None if arguments else _warm_supervisor()
    gc.disable()
    # Imported before the forks, so that all nodes share it; no Context is made here.
    import orchestrator.node.host  # noqa: F401

    folders = from_argv_or_stdin(arguments[:2])
    lock = os.open(folders.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    for _ in range(20):  # clients look at it for a moment, too
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        time.sleep(0.01)
    else:
        print("keeper: another one keeps this mesh", flush=True)
        return 75
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # Blocked and not ignored, so that none is lost that is sent to a child in its first moment.
    signal.pthread_sigmask(signal.SIG_BLOCK, BLOCKED_SIGNALS)
    # What is handled otherwise, or ignored where `up` was called, must not be so in a child.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    keeper = Keeper(folders, int(arguments[2]) if arguments[2:] else None, warm)
    for stream in (sys.stdout, sys.stderr):
        # A terminal's habit, for the nodes: each line at once, since somebody reads along.
        stream.reconfigure(line_buffering=True, encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    gc.collect()
    heap.preallocate()
    keeper.run()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
