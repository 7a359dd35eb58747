"""Have what was written on disk, at least so often: a thread that touches descriptors and nothing else."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable


class Syncer:
    """Syncs what ``files`` gives, copies of descriptors, ``interval`` seconds after something was written.

    Once a sync has failed none is tried again: what it should have written may be gone from memory (fsync(2)).
    """

    def __init__(self, interval: float, files: Callable[[], list[int]], failed: Callable[[OSError], None]) -> None:
        self._interval, self._files, self._failed = interval, files, failed
        self._written = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def written(self) -> None:
        """Tell that something was."""
        if not self._written.is_set():
            self._written.set()

    def end(self) -> None:
        """End the thread; what was written since its last turn is the caller's to sync."""
        self._ended.set()
        self._written.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._written.wait()
            if self._ended.wait(self._interval):
                return
            self._written.clear()
            try:
                _sync(self._files())
            except OSError as error:
                self._failed(error)
                return


def _sync(files: list[int]) -> None:
    try:
        for file in files:
            os.fdatasync(file)
    finally:
        for file in files:
            os.close(file)
