"""Terminals: a mesh drains with the terminal of the ``up`` that watches it, and outlives the one of ``up -d``."""

from __future__ import annotations

import contextlib
import os
import pty
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil
import pytest

from tests.support.meshes import Make, Mesh, edge, node

pytestmark = pytest.mark.process


@dataclass
class Terminal:
    """A pseudo terminal and the shell in it, which leads its session (pty(7))."""

    master: int
    shell: subprocess.Popen[bytes]

    def close(self) -> None:
        """Take the terminal away; the kernel sends SIGHUP to those in it."""
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    def hang_up(self) -> None:
        """End the shell as a closed window does."""
        self.shell.send_signal(signal.SIGHUP)
        self.shell.wait(10)

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        os.write(self.master, b"\x03")

    def kill_client(self) -> None:
        """Kill the command in the shell."""
        for child in psutil.Process(self.shell.pid).children():
            child.kill()

    def read(self) -> None:
        """Take what has been printed, so that nobody waits for room."""
        with contextlib.suppress(OSError):
            os.read(self.master, 65536)


ENDINGS = {
    "the terminal is closed": Terminal.close,
    "the shell is hung up": Terminal.hang_up,
    "Ctrl-C is pressed": Terminal.interrupt,
    "the client is killed": Terminal.kill_client,
}

Open = Callable[[Mesh, str], Terminal]


@pytest.fixture
def terminal() -> Iterator[Open]:
    opened: list[Terminal] = []

    def start(mesh: Mesh, command: str) -> Terminal:
        master, slave = pty.openpty()
        os.set_blocking(master, False)
        # `true` keeps the shell from becoming the command; setsid and the first opened terminal make it its own.
        script = f"exec < {shlex.quote(os.ttyname(slave))}; {command}; true"
        shell = subprocess.Popen(
            ["sh", "-c", script],
            cwd=mesh.folder,
            env=mesh.environment,
            stdin=subprocess.DEVNULL,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        opened.append(Terminal(master, shell))
        return opened[-1]

    yield start
    for each in opened:
        each.shell.kill()
        each.shell.wait()
        each.close()


def _mesh(make: Make) -> Mesh:
    return make(
        {
            "feed": node("programs:clock", {"ticks": "PUB"}, args={"rate": 50}),
            "trader": node("programs:trader", {"ticks": {"type": "SUB", "subscribe": ""}, "orders": "PUSH"}),
            "book": node("programs:book", {"orders": "PULL"}),
        },
        {"ticks": edge("feed.ticks", "trader.ticks"), "orders": edge("book.orders", "trader.orders")},
    )


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_mesh_drains_with_the_terminal(mesh: Make, terminal: Open, ending: str) -> None:
    made = _mesh(mesh)
    opened = terminal(made, shlex.join(made.command("up", str(made.file))))
    made.until(lambda: (opened.read(), made.said("book"))[1])
    ENDINGS[ending](opened)
    ended = made.ended()
    assert (ended["status"], ended["killed"]) == (0, []), made.account()
    made.until(lambda: not made.processes())


@pytest.mark.parametrize("ending", ["the terminal is closed", "the shell is hung up"])
def test_after_up_d_the_mesh_goes_on(mesh: Make, terminal: Open, ending: str) -> None:
    made = _mesh(mesh)
    opened = terminal(made, shlex.join(made.command("up", "-d", str(made.file))) + "; touch up; sleep 60")
    made.until(lambda: (opened.read(), (made.folder / "up").exists())[1])
    pids = made.pids()
    ENDINGS[ending](opened)
    opened.shell.wait(10)
    ended = time.time()
    made.until(lambda: any(float(line.split()[1]) > ended + 1 for line in made.said("book")[-50:]))
    assert made.whole()
    assert made.pids() == pids
    assert not made.events("draining")
    made.down()
    made.ended()
