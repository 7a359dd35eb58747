"""A timer of the main thread: a signal interrupts it, also while libzmq blocks, and Python runs the handler there.

It is a POSIX timer (timer_create(2)) with a real-time signal, so that SIGALRM stays the program's own.
"""

from __future__ import annotations

import ctypes
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

SIGNAL = signal.SIGRTMAX
"""The signal of all timers."""

_CLOCK_MONOTONIC = 1
_SIGEV_THREAD_ID = 4


class _SigEvent(ctypes.Structure):
    """sigevent(7), as the kernel has it: 64 bytes."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signal", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("thread", ctypes.c_int),
        ("padding", ctypes.c_int * 11),
    )


class _Spec(ctypes.Structure):
    """Itimerspec: the interval and the first time, each in seconds and nanoseconds."""

    _fields_ = tuple((name, ctypes.c_long) for name in ("interval", "interval_ns", "value", "value_ns"))


class Timer:
    """Calls ``due`` in the main thread. Made there; a process has one, and a child that is forked from it has none."""

    def __init__(self, due: Callable[[], None]) -> None:
        """Raise OSError where the kernel has no timer left, ValueError outside the main thread."""
        self._due = due
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._previous = signal.signal(SIGNAL, self._handle)
        event = _SigEvent(signal=SIGNAL, notify=_SIGEV_THREAD_ID, thread=threading.get_native_id())
        self._timer = ctypes.c_void_p()
        if self._libc.timer_create(_CLOCK_MONOTONIC, ctypes.byref(event), ctypes.byref(self._timer)):
            raise OSError(ctypes.get_errno(), f"timer_create: {os.strerror(ctypes.get_errno())}")

    def arm(self, seconds: float) -> None:
        """Have it called once, so many seconds from now."""
        whole = int(seconds)
        spec = _Spec(0, 0, whole, max(1, int((seconds - whole) * 1e9)))
        self._libc.timer_settime(self._timer, 0, ctypes.byref(spec), None)

    def close(self) -> None:
        """Give up the timer and the signal."""
        # Ignored first, since one may be on its way, and by default it ends the process.
        signal.signal(SIGNAL, signal.SIG_IGN)
        self._libc.timer_delete(self._timer)
        if callable(self._previous):
            signal.signal(SIGNAL, self._previous)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self._due()
