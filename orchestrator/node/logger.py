"""The logger of a process; imported only by programs that use it."""

from __future__ import annotations

import logging


def logger(process: str) -> logging.Logger:
    """Return a logger of the process's name that writes plain lines to stderr."""
    found = logging.getLogger(process)
    if not found.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        found.addHandler(handler)
        found.setLevel(logging.INFO)
        found.propagate = False
    return found
