"""The supervisor's side of the control socket: a Unix stream socket that only its own user may speak to."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path

from orchestrator.control.messages import LIMIT, Message

CONNECTIONS = 100
"""Most clients at a time."""

BACKLOG = 100

Answer = Callable[[Message], Awaitable[Message]]


class Server:
    """Answers the clients that connect, until closed."""

    def __init__(self, path: str, answer: Answer) -> None:
        self._path = path
        self._answer = answer
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.StreamWriter] = set()

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
        full = len(self._clients) >= CONNECTIONS
        self._clients.add(writer)
        try:
            refusal = f"{CONNECTIONS} clients are connected, that is the limit" if full else _stranger(writer)
            if refusal:
                await _send(writer, {"error": refusal})
            else:
                await self._converse(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # the client is gone, or the supervisor leaves: nobody is left to be told
        finally:
            self._clients.discard(writer)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                line = await reader.readuntil(b"\n")
            except asyncio.IncompleteReadError:
                return
            except asyncio.LimitOverrunError:
                await _send(writer, {"error": f"a request of more than {LIMIT} bytes"})
                return
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
        except Exception as error:  # one bad request must not end the supervisor
            return {"error": f"{type(error).__name__}: {error}"}


async def serve(path: str, answer: Answer) -> Server:
    """Listen at ``path`` and give each request to ``answer``, whose result is sent back. Raise OSError.

    A client of another uid (SO_PEERCRED, unix(7)), one too many and one with a line over LIMIT get an error and are
    closed; what ``answer`` raises goes back as ``{"error": TEXT}``. Descriptors under ``fds`` go along (SCM_RIGHTS).
    """
    server = Server(path, answer)
    await server.listen()
    return server


def _stranger(writer: asyncio.StreamWriter) -> str:
    credentials = writer.get_extra_info("socket").getsockopt(
        socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")
    )
    _, uid, _ = struct.unpack("3i", credentials)
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
    await writer.drain()
