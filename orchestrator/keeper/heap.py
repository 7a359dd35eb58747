"""libc's heap, before the forks."""

from __future__ import annotations

import ctypes

_SIZES = (65536, 32768, 16384, 8192, 4096, 2048, *range(1024, 16, -16))
_MOST = 200
"""Takes of one size at most, where a heap does not grow upwards."""


def preallocate() -> None:
    """Take, for good, what is free between what lives: what a child allocates then lies together, in few pages."""
    malloc = ctypes.CDLL(None).malloc
    malloc.argtypes, malloc.restype = [ctypes.c_size_t], ctypes.c_void_p
    end = malloc(_SIZES[0] + 1)
    for size in _SIZES:
        for _ in range(_MOST):
            if malloc(size - 8) > end:
                break
