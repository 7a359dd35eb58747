"""Asking a process from outside whether it is fine: by a command, or by HTTP. Nothing here blocks."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping
from urllib.parse import urlsplit

from orchestrator.plan.model import Probe


async def succeeds(probe: Probe, folder: str, environment: Mapping[str, str], seconds: float) -> bool:
    """Return whether a command ends with status 0, or a URL answers with a status of 200 to 399, in so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            if probe.command:
                return await _runs(probe.command, folder, environment)
            return await _answers(probe.http)
    except (OSError, ValueError, asyncio.IncompleteReadError):  # TimeoutError is an OSError
        return False


async def _runs(command: tuple[str, ...], folder: str, environment: Mapping[str, str]) -> bool:
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    pidfd = os.pidfd_open(process.pid)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(pidfd, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(pidfd)
        os.close(pidfd)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return process.returncode == 0


async def _answers(url: str) -> bool:
    """Ask by GET (RFC 9112); only the first line of the answer matters."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    reader, writer = await asyncio.open_connection(host, port)
    try:
        target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        request = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc.rpartition('@')[2]}\r\nConnection: close\r\n\r\n"
        writer.write(request.encode())
        version, status, *_ = (await reader.readline()).split(maxsplit=2)
        return version.startswith(b"HTTP/") and 200 <= int(status) < 400
    finally:
        writer.close()
