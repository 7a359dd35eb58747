"""The keeper of a mesh, and the next one when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import subprocess
from collections.abc import Callable, Coroutine

from orchestrator.contract.folders import Folders
from orchestrator.contract.keeper_messages import Hello, Kept, Quit
from orchestrator.contract.launch import PYTHON
from orchestrator.supervisor.runtime.keeper_link import KeeperLink
from orchestrator.supervisor.runtime.store import Store

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 5.0
"""Seconds between keepers that cannot begin: doubled from the first to the longest."""

Work = Coroutine[None, None, None]


class Keepers:
    """``later`` does work beside the loop, ``replaced`` is called once a new keeper has taken over, ``down`` drains
    the mesh for a reason.
    """

    def __init__(
        self,
        folders: Folders,
        link: KeeperLink,
        store: Store,
        later: Callable[[Work], None],
        replaced: Callable[[], None],
        down: Callable[[str], None],
    ) -> None:
        self._folders, self._link, self._store = folders, link, store
        self._later, self._replaced, self._down = later, replaced, down
        self._descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.pid = 0
        self.replacing = False

    async def greet(self) -> Kept:
        """Connect to the keeper that has started us; return its hello. Raise OSError where it is gone."""
        await self._link.connect(self._folders.keeper)
        hello, _ = await self._link.call(Hello())
        self.pid = hello.pid
        return hello

    async def quit(self) -> None:
        """Tell the keeper that all is over."""
        with contextlib.suppress(OSError):
            await self._link.call(Quit())

    def replace(self) -> None:
        """Start another one, since this one has ended."""
        if not self.replacing:
            self.replacing = True
            self._later(self._replace())

    async def _replace(self) -> None:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)
        lost = self.pid
        pause = FIRST_PAUSE
        while self.replacing:
            if not self._folders.run.exists():
                # No keeper can begin, and no client comes near: the processes that are there are all there will be.
                self._down(f"{self._folders.run} is gone")
                return
            with contextlib.suppress(OSError):
                self.pid = (await self._start()).pid
                self.replacing = not self._link.lives
            if self.replacing:
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        self._store.save({"keeper": self.pid})
        self._store.report("note", {"text": f"keeper {lost} is gone, {self.pid} has taken over"})
        self._replaced()

    async def _start(self) -> Kept:
        """Start a keeper and give it what we hold; its hello. Raise OSError when it dies meanwhile."""
        arguments = [str(self._folders.run), str(self._folders.state), str(os.getpid())]
        keeper = subprocess.Popen(
            [*PYTHON, "-m", "orchestrator.keeper", *arguments],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, self._descriptors),
        )
        await self._link.connect(self._folders.keeper, lambda: keeper.poll() is not None)
        hello, _ = await self._link.call(Hello())
        await self._link.hand_over()
        return hello
