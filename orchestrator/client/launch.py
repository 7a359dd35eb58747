"""Starting a mesh: its plan and environment go to disk, then its keeper is started."""

from __future__ import annotations

import atexit
import json
import os
import re
import signal
import subprocess

from orchestrator.contract import private
from orchestrator.contract.environment import importing
from orchestrator.contract.exits import start_ticks
from orchestrator.contract.folders import Folders, announcement
from orchestrator.contract.launch import PYTHON

OF_MANAGERS = frozenset(
    {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"}
)
"""Variables of sd_notify(3), sd_watchdog_enabled(3) and sd_listen_fds(3)."""

OF_A_MESH = re.compile(
    r"ZMQ_.+_(BIND|CONNECT)|ORCHESTRATOR_(PROCESS|NODE|INDEX|COUNT|MESH|WIRING|ARGS|KEY|FILE)", re.DOTALL
)
"""Variables that tell a process of another mesh what it is, or a person's commands which mesh is meant."""

Keeper = subprocess.Popen[bytes]

_early: list[Keeper] = []


def prestart_early() -> None:
    """Start the keeper that ``prestart`` is to give: it loads while this process does. Raise OSError."""
    _early.append(prestart())
    atexit.register(_dismiss_early)


def prestart() -> Keeper:
    """Start a keeper that has yet to be told its folders, in a session of its own; it ends when nobody tells it.

    Raise OSError.
    """
    if _early:
        return _early.pop()
    return subprocess.Popen(
        [*PYTHON, "-m", "orchestrator.keeper"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        env=_environment(),
    )


def start(keeper: Keeper, of: Folders, plan: bytes, *, owned: bool) -> None:
    """Tell a warm keeper its mesh, whose folders are made. Raise OSError.

    If it is ``owned``, it drains when this process dies, from its first moment on. What the keeper prints goes to
    ``keeper_log``.
    """
    private.replace(of.plan, plan)
    of.owner.unlink(missing_ok=True)
    if owned:
        private.replace(of.owner, json.dumps([os.getpid(), start_ticks(os.getpid())]).encode())
    private.replace(of.environment, json.dumps(inherited()).encode())
    private.replace(of.keeper_log, b"")
    assert keeper.stdin is not None
    with keeper.stdin as tell:
        tell.write(announcement(of))


def cancel(keeper: Keeper) -> None:
    """End a keeper that was never told its mesh."""
    assert keeper.stdin is not None
    if not keeper.stdin.closed:
        keeper.stdin.close()
        os.killpg(keeper.pid, signal.SIGKILL)
        keeper.wait()


def _dismiss_early() -> None:
    for keeper in _early:
        cancel(keeper)


def last_lines(of: Folders, count: int = 10) -> list[str]:
    """Return the last lines that keeper and supervisor printed."""
    try:
        text = of.keeper_log.read_text(errors="backslashreplace")
    except OSError:
        return []
    return text.splitlines()[-count:]


def _environment() -> dict[str, str]:
    """Let the keeper import this package, and nothing from the folder that ``up`` happens to run in."""
    return importing(inherited() | {"PYTHONSAFEPATH": "1"})


def inherited() -> dict[str, str]:
    """Return what processes inherit of this one's environment: nothing that was meant for this process alone."""
    return {
        name: value for name, value in os.environ.items() if name not in OF_MANAGERS and not OF_A_MESH.fullmatch(name)
    }
