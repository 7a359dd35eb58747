"""``up`` as a service: it tells its manager how far it is, and as PID 1 it reaps whoever is left to it."""

from __future__ import annotations

import contextlib
import os
import socket


class Manager:
    """Who has started this command with NOTIFY_SOCKET, as systemd does with Type=notify (sd_notify(3)); or nobody."""

    def __init__(self) -> None:
        address = os.environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._told: set[str] = set()

    def tell(self, state: str, status: str) -> None:
        """Tell a state, ``READY=1`` or ``STOPPING=1``, once, and what to show beside it."""
        if not self._address or state in self._told:
            return
        self._told.add(state)
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.sendto(f"{state}\nSTATUS={status}".encode(), self._address)


def reap(known: int) -> None:
    """Reap those whose parent has died, where this is the first process of a container; not ``known``, our child."""
    if os.getpid() != 1:
        return
    with contextlib.suppress(ChildProcessError):
        while (info := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and info.si_pid != known:
            os.waitpid(info.si_pid, 0)
