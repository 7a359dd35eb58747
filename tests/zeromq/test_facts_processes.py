"""What starting a process allows: the keeper forks nodes, and tells programs their wiring."""

from __future__ import annotations

import errno
import subprocess
import sys

import pytest

LIMIT = 128 * 1024
"""Longest string of the environment in bytes, its name, the equals sign and its closing zero byte included."""

FORKING = """if True:
    import os, zmq
    assert len(os.listdir("/proc/self/task")) == 1
    reading, writing = os.pipe()
    if os.fork() == 0:
        context = zmq.Context()
        pull, push = context.socket(zmq.PULL), context.socket(zmq.PUSH)
        port = pull.bind_to_random_port("tcp://127.0.0.1")
        push.connect(f"tcp://127.0.0.1:{port}")
        push.send(b"works")
        os.write(writing, pull.recv())
        context.destroy()
        os._exit(0)
    os.close(writing)
    print(os.read(reading, 10).decode(), os.wait()[1])
"""


@pytest.mark.process
def test_a_child_forked_after_the_import_uses_zeromq_like_any_other() -> None:
    done = subprocess.run([sys.executable, "-c", FORKING], capture_output=True, text=True, timeout=10, check=True)
    assert done.stdout == "works 0\n"


@pytest.mark.process
def test_one_string_of_the_environment_holds_128_kib() -> None:
    longest = "x" * (LIMIT - len("A=") - 1)
    subprocess.run(["/bin/true"], env={"A": longest}, check=True)
    with pytest.raises(OSError, match="Argument list too long") as caught:
        subprocess.run(["/bin/true"], env={"A": f"{longest}x"}, check=True)
    assert caught.value.errno == errno.E2BIG
