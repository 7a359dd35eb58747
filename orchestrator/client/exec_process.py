"""Being a process of a mesh: this very process turns into its program, in this terminal."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from orchestrator.client.launch import inherited
from orchestrator.contract.environment import importing
from orchestrator.contract.folders import Folders
from orchestrator.contract.launch import CONTROL_FD, Launch
from orchestrator.contract.messages import listen_seqpacket


def become(of: Folders, order: Launch, listeners: Sequence[int], command: Sequence[str]) -> NoReturn:
    """Turn into a command, or into what the order says, with the process's descriptors, folder and environment.

    ``listeners`` are its listening sockets, in the order of their numbers. Exits with 126 or 127 as a shell does where
    it cannot.
    """
    command = tuple(command) or order.command
    status = 126
    try:
        _arrange(order, listeners)
        os.chdir(order.working_dir)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        status = 127
        os.execvpe(command[0], command, environment(of, order.env))
    except OSError as error:
        what = command[0] if status == 127 else order.working_dir
        print(f"cannot run {order.process}: {what}: {error.strerror}", file=sys.stderr)
    sys.stderr.flush()
    os._exit(status)


def environment(of: Folders, variables: Mapping[str, str]) -> dict[str, str]:
    """Return what a program finds: the environment of whoever ran ``up``, over it this terminal's, over it its own."""
    started_in: dict[str, str] = json.loads(of.environment.read_bytes())
    return importing(started_in | inherited()) | dict(variables)


def _arrange(order: Launch, listeners: Sequence[int]) -> None:
    wanted = dict(zip(sorted(order.listeners.values()), listeners, strict=True))
    if order.control:
        wanted[CONTROL_FD] = listen_seqpacket(order.control).detach()
    # Above every number in use first, so that no dup2 closes what another one still needs.
    floor = max([*wanted, *wanted.values(), 2]) + 1
    high = {number: fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, floor) for number, fd in wanted.items()}
    for number, fd in high.items():
        os.dup2(fd, number)
