"""Another user of this machine, made for a test: a function of the test runs as that one, in a child of the test.

The child is forked, so that the user needs no interpreter or module that it may read.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any

import pytest

needs_second_user = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("useradd"),
    reason="a second user can be made by root alone, with useradd",
)


@dataclass(frozen=True)
class Ended:
    """How a function of another user ended: 0 where it returned, and what it printed."""

    status: int
    text: str


class Running:
    """A function that another user runs."""

    def __init__(self, pid: int, output: IO[bytes]) -> None:
        self.pid, self._output = pid, output

    @property
    def text(self) -> str:
        """What it has printed so far."""
        return os.pread(self._output.fileno(), 1 << 20, 0).decode(errors="replace")

    def wait(self) -> Ended:
        """Wait for its end."""
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        return Ended(os.waitstatus_to_exitcode(status), self.text)

    def kill(self) -> None:
        """Kill it where it still runs."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()


@dataclass(frozen=True)
class User:
    """A user by name, with its ids."""

    name: str
    uid: int
    gid: int

    def run(self, function: Callable[..., object], *arguments: Any, seconds: float = 60) -> Ended:
        """Run a function as this user to its end; it is killed after so many seconds (status -SIGALRM)."""
        with self.start(function, *arguments, seconds=seconds) as running:
            return running.wait()

    @contextmanager
    def start(self, function: Callable[..., object], *arguments: Any, seconds: float = 60) -> Iterator[Running]:
        """Start a function as this user; it is killed at the end, where it still runs."""
        with tempfile.TemporaryFile() as output:
            sys.stdout.flush()
            sys.stderr.flush()
            pid = os.fork()
            if pid == 0:
                self._become(output.fileno(), seconds)
                os._exit(_status(function, arguments))
            running = Running(pid, output)
            try:
                yield running
            finally:
                running.kill()

    def _become(self, output: int, seconds: float) -> None:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.stdout = sys.stderr = os.fdopen(1, "w", buffering=1, closefd=False)
        os.chdir("/")
        os.setgroups([])
        os.setresgid(self.gid, self.gid, self.gid)
        os.setresuid(self.uid, self.uid, self.uid)
        # What the test's user has is no business of this one.
        for variable in ("HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
            os.environ.pop(variable, None)


@contextmanager
def second_user() -> Iterator[User]:
    """Make a user without a home, and remove it in the end. Only for root, see ``needs_second_user``."""
    name = f"orch-{secrets.token_hex(4)}"
    _retried("useradd", "--no-create-home", "--user-group", "--shell", "/bin/false", name)
    try:
        import pwd

        found = pwd.getpwnam(name)
        yield User(name, found.pw_uid, found.pw_gid)
    finally:
        _retried("userdel", name)


def _status(function: Callable[..., object], arguments: tuple[Any, ...]) -> int:
    try:
        function(*arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        with suppress(OSError):
            sys.stdout.flush()
    return 0


def _retried(*command: str) -> None:
    """Run a command that others may run at the same time: it fails while they lock what it changes (shadow(5))."""
    until = time.monotonic() + 30
    while (done := subprocess.run(command, capture_output=True, text=True)).returncode:
        if time.monotonic() > until:
            raise AssertionError(f"{' '.join(command)}: {done.stderr}")
        time.sleep(0.1)
