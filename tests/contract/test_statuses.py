from __future__ import annotations

import signal
import subprocess

import pytest

from orchestrator.contract import statuses


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGPIPE, signal.SIGKILL])
def test_they_are_those_of_a_shell(number: int) -> None:
    told = subprocess.run(["sh", "-c", f"sh -c 'kill -{number} $$'"]).returncode
    assert told == statuses.of_process(-number) == statuses.of_signal(number)


def test_others_stay_as_they_are() -> None:
    assert [statuses.of_process(status) for status in (0, 1, 255, None)] == [0, 1, 255, 1]
    assert tuple(map(statuses.of_signal, (signal.SIGINT, signal.SIGPIPE))) == (
        statuses.INTERRUPTED,
        statuses.READER_GONE,
    )
