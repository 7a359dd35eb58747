from __future__ import annotations

import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("quick", max_examples=20, deadline=None)
settings.register_profile("thorough", max_examples=500, deadline=None)
settings.load_profile("quick")  # each run draws new examples; --hypothesis-profile=thorough draws more of them

VARIABLE = "ORCHESTRATOR_TESTS"
"""A variable that each process which a test starts inherits, however it is started."""

PATIENCE = 10.0
"""Seconds that processes have to end once the last test is over."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Keep temporary folders near the root, since those of workers lie deeper and paths of sockets are short.

    A shell's job in the background ignores Ctrl-C, and so would all that it starts: not what tests send it to.
    """
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not config.option.basetemp and not hasattr(config, "workerinput"):
        config.option.basetemp = folder = tempfile.mkdtemp(prefix="o-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.fixture(scope="session", autouse=True)
def nothing_left() -> Iterator[None]:
    """Fail the run where a process that a test has started is alive at its end."""
    token = secrets.token_hex(8)
    os.environ[VARIABLE] = token
    yield
    until = time.monotonic() + PATIENCE
    while (left := alive(token)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not left, "\n".join(["processes of the tests are alive at their end:", *left])


def alive(token: str) -> list[str]:
    """Name the processes, this one apart, that inherit the token: each with its pid and arguments."""
    entry = f"{VARIABLE}={token}".encode()
    found = []
    for folder in Path("/proc").iterdir() if Path("/proc").exists() else ():
        if not folder.name.isdecimal() or int(folder.name) == os.getpid():
            continue
        try:
            if entry in (folder / "environ").read_bytes().split(b"\0"):
                arguments = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                found.append(f"{folder.name} {arguments}")
        except OSError:  # it has just ended, or is another user's
            continue
    return found
