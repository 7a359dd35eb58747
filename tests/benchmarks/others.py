"""circusd and supervisord with the script of a bot, for as long as a measurement takes, with the least of their delays.

``pip install circus supervisor`` beside this Python. Their scripts make a bot's sockets and tell a FIFO that they are
ready, without waiting for a handshake.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.ready import Ready

PROGRAMS = Path(__file__).with_name("start_programs.py")

CIRCUS = """
[circus]
check_delay = {check}
endpoint = ipc://{folder}/e
pubsub_endpoint = ipc://{folder}/p
stats_endpoint = ipc://{folder}/t
statsd = False

[watcher:bot]
cmd = {python}
args = {program} ipc://{folder}/ticks ipc://{folder}/orders {folder}/ready
numprocesses = {nodes}
warmup_delay = 0
max_retry = -1
copy_env = True
"""

SUPERVISOR = """
[supervisord]
nodaemon = true
logfile = /dev/null
logfile_maxbytes = 0
pidfile = {folder}/pid
user = root

[program:bot]
command = {python} {program} ipc://{folder}/ticks ipc://{folder}/orders {folder}/ready
process_name = %(program_name)s-%(process_num)d
numprocs = {nodes}
autorestart = true
startsecs = 0
startretries = 1000000
stopsignal = KILL
stdout_logfile = NONE
stderr_logfile = NONE
"""


@contextmanager
def circus(folder: Path, nodes: int, check: float) -> Iterator[tuple[int, Ready]]:
    """Give the daemon's pid and who is ready; ``check`` is its ``check_delay`` in seconds."""
    with _daemon(folder, "circusd", CIRCUS, (), nodes=nodes, check=check) as found:
        yield found


@contextmanager
def supervisor(folder: Path, nodes: int) -> Iterator[tuple[int, Ready]]:
    """Give the daemon's pid and who is ready."""
    with _daemon(folder, "supervisord", SUPERVISOR, ("-c",), nodes=nodes) as found:
        yield found


@contextmanager
def _daemon(
    folder: Path, name: str, configuration: str, before: tuple[str, ...], **values: object
) -> Iterator[tuple[int, Ready]]:
    folder.mkdir()
    file = folder / "configuration"
    file.write_text(configuration.format(folder=folder, python=sys.executable, program=PROGRAMS, **values))
    ready = Ready(folder / "ready")
    command = [str(Path(sys.executable).with_name(name)), *before, str(file)]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with (folder / "said").open("w") as said:
        daemon = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
    try:
        yield daemon.pid, ready
    finally:
        daemon.terminate()
        daemon.wait()
        ready.close()
