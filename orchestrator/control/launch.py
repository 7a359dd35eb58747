"""Starting a mesh: its plan and environment go to disk, then its keeper is started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import orchestrator
from orchestrator.contract.exits import start_ticks
from orchestrator.contract.folders import Folders


def start(of: Folders, plan: bytes, *, owned: bool) -> subprocess.Popen[bytes]:
    """Start the keeper of a mesh whose folders are made, in a session of its own. Raise OSError.

    If it is ``owned``, it drains when this process dies, from its first moment on. What it prints goes to
    ``keeper_log``.
    """
    _write(of.plan, plan)
    of.owner.unlink(missing_ok=True)
    if owned:
        _write(of.owner, json.dumps([os.getpid(), start_ticks(os.getpid())]).encode())
    _write(of.environment, json.dumps(dict(os.environ)).encode())
    with open(keeper_log(of), "wb", opener=_private) as log:
        return subprocess.Popen(
            [sys.executable, "-m", "orchestrator.keeper", str(of.run), str(of.state)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=_environment(),
        )


def keeper_log(of: Folders) -> Path:
    """Give the path of what keeper and supervisor print, which is nothing while all is well."""
    return of.state / "keeper.log"


def last_lines(of: Folders, count: int = 10) -> list[str]:
    """Give the last lines that keeper and supervisor printed."""
    try:
        text = keeper_log(of).read_text(errors="backslashreplace")
    except OSError:
        return []
    return text.splitlines()[-count:]


def _environment() -> dict[str, str]:
    """Let the keeper import this package, and nothing from the folder that ``up`` happens to run in."""
    environment = dict(os.environ, PYTHONSAFEPATH="1")
    home = Path(orchestrator.__file__).resolve().parent.parent
    if home.name not in ("site-packages", "dist-packages"):  # a checkout
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(home), environment.get("PYTHONPATH"))))
    return environment


def _write(path: Path, content: bytes) -> None:
    new = path.with_name(path.name + ".new")
    with open(new, "wb", opener=_private) as file:
        file.write(content)
    new.replace(path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
