from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator

import pytest
import zmq


@pytest.fixture
def context() -> Iterator[zmq.Context[zmq.Socket[bytes]]]:
    made: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    made.linger = 0
    yield made
    made.destroy(linger=0)


@pytest.fixture
def folder() -> Iterator[str]:
    """A folder whose path is short enough for sockets."""
    made = tempfile.mkdtemp(prefix="zmq-")
    yield made
    shutil.rmtree(made)
