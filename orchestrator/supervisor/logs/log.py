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
from orchestrator.supervisor.logs.inflight import CHUNK, Inflight

LAST_LINES = 20

STAMP = len("1234567890.123456 o ")
"""Bytes before each line."""


class Log:
    """The two streams of one process and its file. ``out`` and ``err`` are descriptors to wait on.

    ``heard`` is called with the lines that come. ``problem`` is what keeps it from writing, ``lost`` counts the lines
    that it could not write since.
    """

    def __init__(self, stdout: Path, stderr: Path, file: Path, limits: Logs) -> None:
        self._file, self._limits = file, limits
        self._fd, self._size = -1, file.stat().st_size if file.exists() else 0
        self.problem, self.lost = "", 0
        self._torn = False
        self._last: deque[str] = deque(maxlen=LAST_LINES)
        self.heard: Callable[[list[str]], None] | None = None
        self.out, self.err = _fifo(stdout), _fifo(stderr)
        self._inflight = {
            stream: Inflight(path.with_name(f"{path.name}.inflight")) for stream, path in (("o", stdout), ("e", stderr))
        }
        for stream, inflight in self._inflight.items():
            self._go_on(stream, inflight)

    def read(self, fd: int) -> bool:
        """Take what one stream has, at most CHUNK bytes; return whether there was something."""
        stream = "o" if fd == self.out else "e"
        try:
            count = self._inflight[stream].read(fd)
        except BlockingIOError:
            return False
        if count:
            self._take_in(stream)
        return bool(count)

    def finish(self) -> list[str]:
        """Take all that an ended process has left; return its last lines on standard error."""
        for fd in (self.out, self.err):
            # Bounded: a grandchild may go on writing.
            for _ in range(64):
                if not self.read(fd):
                    break
        for stream in self._inflight:
            self._take_in(stream, least=1)
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

    def _go_on(self, stream: str, inflight: Inflight) -> None:
        """Finish the write that a predecessor was killed in: whole lines that are in the file stay there."""
        written = inflight.unwritten(self._size)
        whole = raw = 0
        for line in inflight.waiting().split(b"\n"):
            length = STAMP + len(_text(line).encode()) + 1
            if whole + length > written:
                break
            whole, raw = whole + length, raw + len(line) + 1
        if whole < written:
            self._size -= written - whole
            os.truncate(self._file, self._size)
        inflight.wrote(min(raw, len(inflight.waiting())))  # what had no end was written as a line too
        self._take_in(stream)

    def _take_in(self, stream: str, least: int = CHUNK) -> None:
        """Put whole lines into the file, and what has no end where it is as long as ``least``; the rest waits."""
        inflight = self._inflight[stream]
        *lines, rest = inflight.waiting().split(b"\n")
        whole = sum(map(len, lines)) + len(lines)
        if len(rest) >= least:
            cut = len(rest) if least < CHUNK else between_characters(rest)
            lines.append(rest[:cut])
            whole += cut
        if lines:
            self._write(stream, lines, whole)
        inflight.tidy()

    def _write(self, stream: str, lines: list[bytes], raw: int) -> None:
        """Write lines, which are so many raw bytes of what waits."""
        texts = list(map(_text, lines))
        if stream == "e":
            self._last.extend(texts)
        if self.heard is not None:
            self.heard(texts)
        stamp = f"{time.time():.6f} {stream} ".encode()
        stamped = [stamp + text.encode() + b"\n" for text in texts]
        inflight = self._inflight[stream]
        if sum(map(len, stamped)) <= self._limits.max_size:
            self._append(b"".join(stamped), inflight)
            inflight.wrote(raw)
            return
        for number, (line, part) in enumerate(zip(lines, stamped, strict=True), 1):
            self._append(part, inflight)
            count = len(line) + 1 if number < len(lines) else raw
            raw -= count
            inflight.wrote(count)

    def _append(self, data: bytes, inflight: Inflight | None = None) -> None:
        """Write whole lines, which are the first of what waits in ``inflight``."""
        written = 0
        try:
            self._mend()
            if self._size and self._size + len(data) > self._limits.max_size:
                self._rotate()
                self._open()
            if inflight is not None:
                inflight.write(self._size)
            written = os.write(self._fd, data)
            self._size += written
            self._torn = self._torn or written < len(data)
            self.problem = os.strerror(errno.ENOSPC) if self._torn else ""
        except OSError as error:
            self.problem = error.strerror or str(error)
        self.lost += data[written:].count(b"\n")

    def _mend(self) -> None:
        """Open the file; say in it what a full disk has kept out. Raise OSError."""
        if self._fd < 0:
            self._open()
        if self.lost:
            said = f"{time.time():.6f} e [{self.lost} lines are missing here: {self.problem}]\n"
            data = ("\n" * self._torn + said).encode()
            written = os.write(self._fd, data)
            self._size += written
            self._torn = written < len(data)
            if self._torn:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.lost = 0

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


def between_characters(line: bytes) -> int:
    """Return where a line is cut before its last character, where that is UTF-8 and not yet whole; else its length."""
    for back in range(1, min(4, len(line) + 1)):
        byte = line[-back]
        if byte & 0xC0 != 0x80:  # the first byte of a character says how many it has (RFC 3629, 3)
            size = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
            return len(line) - back if size > back else len(line)
    return len(line)


def _text(line: bytes) -> str:
    return line.decode("utf-8", "backslashreplace")


def _fifo(path: Path) -> int:
    if not path.exists():
        os.mkfifo(path, 0o600)
    # Read-write, so that it never reads as ended between two incarnations of the process.
    return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
