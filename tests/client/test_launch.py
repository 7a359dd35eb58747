"""A keeper that is started before its mesh is known."""

from __future__ import annotations

import subprocess
import sys
import time

import psutil
import pytest

CLIENT = """
from orchestrator.client import launch
launch.prestart_early()
print(launch._early[0].pid, flush=True)
input()
"""


@pytest.mark.process
def test_an_early_keeper_ends_with_its_client() -> None:
    with subprocess.Popen([sys.executable, "-c", CLIENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as client:
        assert client.stdout is not None
        keeper = psutil.Process(int(client.stdout.readline()))
        until = time.monotonic() + 10
        while not (left := [keeper, *keeper.children()])[1:]:
            assert time.monotonic() < until
        client.kill()
    _, alive = psutil.wait_procs(left, timeout=10)
    for process in alive:
        process.kill()
    assert alive == []
