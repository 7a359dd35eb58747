"""What the processes write: from their FIFOs into files of a bounded size, a stamped line each."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from orchestrator.plan.model import Logs
from orchestrator.supervisor.inflight import CHUNK, Inflight

LAST_LINES = 20


class Log:
    """The two streams of one process and its file. ``out`` and ``err`` are descriptors to wait on.

    ``heard`` is called with the lines that come. ``problem`` is what keeps it from writing, ``lost`` counts the lines
    that it could not write since.
    """

    def __init__(self, stdout: Path, stderr: Path, file: Path, limits: Logs) -> None:
        self._file, self._limits = file, limits
        self._fd, self._size = -1, 0
        self.problem, self.lost = "", 0
        self._torn = False
        self._pending = {"o": b"", "e": b""}
        self._last: deque[str] = deque(maxlen=LAST_LINES)
        self.heard: Callable[[list[str]], None] | None = None
        self.out, self.err = _fifo(stdout), _fifo(stderr)
        self._inflight = {
            stream: Inflight(path.with_name(f"{path.name}.inflight")) for stream, path in (("o", stdout), ("e", stderr))
        }
        self._size = file.stat().st_size if file.exists() else 0
        size = self._size
        for stream, inflight in self._inflight.items():
            if not inflight.fresh:
                self._take_in(stream, inflight.left(size))

    def read(self, fd: int) -> bool:
        """Take what one stream has, at most CHUNK bytes; tell whether there was something."""
        stream = "o" if fd == self.out else "e"
        try:
            data = self._inflight[stream].take(fd, len(self._pending[stream]), self._size)
        except BlockingIOError:
            return False
        if not data:
            return False
        self._take_in(stream, self._pending[stream] + data)
        return True

    def _take_in(self, stream: str, data: bytes) -> None:
        """Put whole lines into the file, and keep what waits for its end."""
        *lines, rest = data.split(b"\n")
        if len(rest) >= CHUNK:
            lines.append(rest)
            rest = b""
        self._pending[stream] = rest
        self._write(stream, lines)
        self._inflight[stream].keep(rest)

    def finish(self) -> list[str]:
        """Take all that an ended process has left; give its last lines on standard error."""
        for fd in (self.out, self.err):
            # Bounded: a grandchild may go on writing.
            for _ in range(64):
                if not self.read(fd):
                    break
        for stream, rest in self._pending.items():
            if rest:
                self._write(stream, [rest])
                self._pending[stream] = b""
                self._inflight[stream].keep(b"")
        last = list(self._last)
        self._last.clear()
        return last

    def retry(self) -> None:
        """Say how many lines are missing, where the file can be written again."""
        if self.problem:
            self._append(b"")

    def close(self) -> None:
        """Close all descriptors."""
        for fd in (self.out, self.err, self._fd):
            if fd >= 0:
                os.close(fd)
        self.out = self.err = self._fd = -1
        for inflight in self._inflight.values():
            inflight.close()

    def _write(self, stream: str, lines: list[bytes]) -> None:
        if not lines:
            return
        stamp = f"{time.time():.6f} {stream} ".encode()
        texts = [line.decode("utf-8", "backslashreplace") for line in lines]
        if stream == "e":
            self._last.extend(texts)
        if self.heard is not None:
            self.heard(texts)
        stamped = [stamp + text.encode() + b"\n" for text in texts]
        data = b"".join(stamped)
        for part in [data] if len(data) <= self._limits.max_size else stamped:
            self._append(part)

    def _append(self, data: bytes) -> None:
        before, written = self._mending(), 0
        try:
            if self._fd < 0:
                self._open()
            if self._size and self._size + len(data) > self._limits.max_size:
                self._rotate()
                self._open()
            written = os.write(self._fd, before + data)
            self._size += written
            self._torn = written < len(before + data)
            self.problem = os.strerror(errno.ENOSPC) if self._torn else ""
        except OSError as error:
            self.problem = error.strerror or str(error)
        self.lost *= written < len(before)
        self.lost += data[max(0, written - len(before)) :].count(b"\n")

    def _mending(self) -> bytes:
        """Give what stands before the next lines where a full disk has kept others out."""
        said = f"{time.time():.6f} e [{self.lost} lines are missing here: {self.problem}]\n" if self.lost else ""
        return ("\n" * self._torn + said).encode()

    def _rotate(self) -> None:
        os.close(self._fd)
        self._fd = -1
        for number in range(self._limits.files - 1, 0, -1):
            older = f"{self._file}.{number}"
            newer = f"{self._file}.{number - 1}" if number > 1 else str(self._file)
            with contextlib.suppress(FileNotFoundError):
                os.replace(newer, older)
        if self._limits.files == 1:
            self._file.unlink(missing_ok=True)

    def _open(self) -> None:
        self._fd = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._size = os.fstat(self._fd).st_size


def _fifo(path: Path) -> int:
    if not path.exists():
        os.mkfifo(path, 0o600)
    # Read-write, so that it never reads as ended between two incarnations of the process.
    return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
