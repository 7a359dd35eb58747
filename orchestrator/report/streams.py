"""The standard streams: there, whatever this process was started with, and it is known when one cannot be written.

A stream that is closed is put in the place of nothing, or the next file that is opened would get its number. Standard
output fails as any closed one does then; what is only said on standard error is nobody's loss.
"""

from __future__ import annotations

import errno
import io
import os
import select
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING, NoReturn, TextIO

from orchestrator.contract.statuses import READER_GONE
from orchestrator.errors import OrchestratorError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PIECE = select.PIPE_BUF
"""Bytes that a pipe takes at once where poll(2) says that it takes some."""

PATIENCE = 1.0
"""Seconds that a reader has to go on with reading, after a Ctrl-C."""

_hurried = False
_failed = 0


class Unwritten(OrchestratorError):
    """Standard output cannot be written."""


class _Standard(io.FileIO):
    """A stream for writing, which never holds up an end that somebody has asked for."""

    def __init__(self, number: int) -> None:
        super().__init__(number, "w", closefd=False)

    def write(self, data: ReadableBuffer, /) -> int:
        whole = memoryview(data).cast("B")
        if self.mute:
            return len(whole)
        try:
            while True:
                if _hurried and not writable(self.fileno(), PATIENCE):
                    raise BlockingIOError(errno.EAGAIN, "nobody reads it")
                count = super().write(whole[:PIECE] if _hurried else whole)
                if count is not None:
                    return count
                writable(self.fileno())  # somebody has made it one that does not wait
        except OSError as error:
            self.fail(error.errno or errno.EIO)
            return len(whole)

    @property
    def mute(self) -> bool:
        return False

    def fail(self, number: int) -> None:
        """Take note that nothing can be written. Remarks are nobody's loss."""


class _Output(_Standard):
    @property
    def mute(self) -> bool:
        return bool(_failed)

    def fail(self, number: int) -> None:
        fail(number)
        raise Unwritten


def fill() -> None:
    """Put something in the place of streams that are closed; let all of them take any text."""
    # What is opened has the lowest number that is free: that of the stream. Reading and writing fail as on closed ones.
    for stream, flags in ((sys.__stdin__, os.O_WRONLY), (sys.__stdout__, os.O_RDONLY), (sys.__stderr__, os.O_WRONLY)):
        if stream is None:
            os.set_inheritable(os.open(os.devnull, flags), True)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for as long as this process lives
    if sys.stdout is sys.__stdout__:
        sys.stdout = _text(_Output(1), sys.stdout, lines=False)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _text(_Standard(2), sys.stderr, lines=True)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)


def _text(raw: _Standard, was: TextIO | None, *, lines: bool) -> TextIO:
    encoding = was.encoding if was is not None else "utf-8"
    buffer = io.BufferedWriter(raw)
    return io.TextIOWrapper(buffer, encoding, "backslashreplace", line_buffering=lines or raw.isatty())


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """Raise KeyboardInterrupt, as Python does; what is printed on the way out waits for nobody any more."""
    hurry()
    raise KeyboardInterrupt


def writable(number: int, seconds: float | None = None) -> bool:
    """Wait until a stream takes something, or fails at once; False where it does not in time."""
    poll = select.poll()
    poll.register(number, select.POLLOUT)
    return bool(poll.poll(None if seconds is None else seconds * 1000))


def hurry() -> None:
    """Wait no longer than PATIENCE for whoever reads: somebody has asked for the end."""
    global _hurried
    _hurried = True


def hurried() -> bool:
    """Return whether somebody has asked for the end."""
    return _hurried


def fail(number: int) -> None:
    """Take note that standard output cannot be written any more, for this reason (errno)."""
    global _failed
    _failed = _failed or number


def verdict(status: int) -> int:
    """Write what is left; return the status to end with, which is never 0 where standard output was not written."""
    sys.stderr.flush()
    try:
        sys.stdout.flush()
    except Unwritten:
        pass
    except KeyboardInterrupt:
        fail(errno.EAGAIN)
    if not _failed:
        return status
    if _failed == errno.EPIPE:
        return status or READER_GONE  # whoever read has seen enough, and needs no word
    why = {errno.EBADF: "it is closed", errno.EAGAIN: "nobody reads it"}.get(_failed, os.strerror(_failed))
    print(f"standard output cannot be written: {why}", file=sys.stderr)
    return status or 1
