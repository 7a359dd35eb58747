"""The supervisor's side of the control socket: a Unix stream socket that only its own user may speak to."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

from orchestrator.contract.messages import Message
from orchestrator.contract.peer import credentials
from orchestrator.errors import OrchestratorError

LIMIT = 1024 * 1024
"""Longest request in bytes."""

CONNECTIONS = 100
"""Most clients at a time; one more takes the place of the one that has asked nothing for the longest time."""

PATIENCE = 10.0
"""Seconds that a client may take to read an answer."""

BACKLOG = 100

Answer = Callable[[Message], Awaitable[Message]]


class Server:
    """Answers the clients that connect, until closed."""

    def __init__(self, path: str, answer: Answer) -> None:
        self._path = path
        self._answer = answer
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.StreamWriter] = set()
        self._idle: dict[asyncio.StreamWriter, None] = {}  # the one that waits longest first

    async def listen(self) -> None:
        """Make the socket, in the place of a dead supervisor's. Raise OSError."""
        Path(self._path).unlink(missing_ok=True)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.bind(self._path)
            os.chmod(self._path, 0o600)
            self._server = await asyncio.start_unix_server(self._serve, sock=sock, limit=LIMIT, backlog=BACKLOG)
        except BaseException:
            sock.close()
            raise

    def close(self) -> None:
        """Stop listening, hang up on all clients and remove the socket."""
        if self._server is not None:
            self._server.close()
            Path(self._path).unlink(missing_ok=True)
        for writer in list(self._clients):
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        refusal = _stranger(writer) or ("" if self._room() else f"{CONNECTIONS} clients wait for answers, no more may")
        self._clients.add(writer)
        try:
            if refusal:
                await _send(writer, {"error": refusal})
            else:
                await self._converse(reader, writer)
        except (OSError, asyncio.CancelledError, TimeoutError):
            pass  # the client is gone, or does not read, or the supervisor leaves: nobody is left to be told
        finally:
            self._forget(writer)
            writer.close()

    def _room(self) -> bool:
        """Make room for one more client where there is none; return whether there is."""
        if len(self._clients) >= CONNECTIONS and self._idle:
            longest = next(iter(self._idle))
            self._forget(longest)
            longest.transport.abort()
        return len(self._clients) < CONNECTIONS

    def _forget(self, writer: asyncio.StreamWriter) -> None:
        self._clients.discard(writer)
        self._idle.pop(writer, None)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            self._idle[writer] = None
            try:
                line = await reader.readuntil(b"\n")
            except asyncio.IncompleteReadError:
                return
            except asyncio.LimitOverrunError:
                await _send(writer, {"error": f"a request of more than {LIMIT} bytes"})
                return
            self._idle.pop(writer, None)
            await _send(writer, await self._reply(line))

    async def _reply(self, line: bytes) -> Message:
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            return {"error": "a request that is not JSON"}
        if not isinstance(request, dict):
            return {"error": "a request that is not a JSON object"}
        try:
            return await self._answer(request)
        except OrchestratorError as error:  # it cannot be read, or is refused
            return {"error": str(error)}
        except Exception as error:  # one bad request must not end the supervisor
            return {"error": f"{type(error).__name__}: {error}"}


async def serve(path: str, answer: Answer) -> Server:
    """Listen at ``path`` and give each request to ``answer``, whose result is sent back. Raise OSError.

    A client of another uid (SO_PEERCRED, unix(7)), one too many and one with a line over LIMIT get an error and are
    closed; one that does not read for PATIENCE seconds is closed. What ``answer`` raises goes back as
    ``{"error": TEXT}``. Descriptors under ``fds`` go along (SCM_RIGHTS).
    """
    server = Server(path, answer)
    await server.listen()
    return server


def _stranger(writer: asyncio.StreamWriter) -> str:
    uid = credentials(writer.get_extra_info("socket")).uid
    return "" if uid == os.geteuid() else f"this mesh belongs to uid {os.geteuid()}, you are uid {uid}"


async def _send(writer: asyncio.StreamWriter, answer: Message) -> None:
    fds = answer.pop("fds", ())
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"), default=str)
    line = f"{text}\n".encode(errors="replace")
    if fds:
        # Past the writer, which cannot carry descriptors: they go with the first bytes, the rest follows.
        with writer.get_extra_info("socket").dup() as sock:
            line = line[socket.send_fds(sock, [line], fds) :]
    writer.write(line)
    try:
        await asyncio.wait_for(writer.drain(), PATIENCE)
    except TimeoutError:
        writer.transport.abort()
        raise
