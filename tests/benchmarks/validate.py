"""What ``orchestrator validate`` costs as a whole process, beside what others do with the same files.

``python -m tests.benchmarks.validate [ROUNDS]`` (default 12): 10,000 nodes of two sockets in 70,000 lines, 30 lines,
and 200 files of 30 lines in one call. Each round runs all commands, one after the other; a figure is the median of
the rounds' ratios with its 95 % interval. Time is that of the processor, user and system, of the child alone.

yamllint and check-jsonschema (``pip install yamllint check-jsonschema``) take part where they are in PATH. The first
looks at the style of the text, the second holds the file against docs/schema; both know nothing of ZeroMQ.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import which

from tests.benchmarks.plan import LOAD, ROOT, SMALL, topology
from tests.benchmarks.stats import interval, say

OURS = (sys.executable, "-m", "orchestrator", "validate", "-q")
SCHEMA = str(ROOT / "docs/schema/topology.schema.json")
OTHERS = {"yamllint": ("-d", "relaxed"), "check-jsonschema": ("--schemafile", SCHEMA)}


def seconds(command: tuple[str, ...]) -> float:
    """Give the processor time of a command; what it finds does not matter."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)}: exit status {child.returncode}")
    return used.ru_utime + used.ru_stime


def main(rounds: int = 12) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory(prefix="b") as name:
        folder = Path(name)
        (folder / "many").mkdir()
        for number in range(200):
            (folder / f"many/{number}.topology.yaml").write_text(SMALL.replace("small", f"s{number}", 1))
        big, tenth, small = (str(folder / f"{each}.yaml") for each in ("big", "tenth", "small"))
        for file, text in ((big, topology(10_000)), (tenth, topology(1_000)), (small, SMALL)):
            Path(file).write_text(text)
        commands = {
            "big": (*OURS, big),
            "load": (sys.executable, "-c", LOAD, big),
            "tenth": (*OURS, tenth),
            "small": (*OURS, small),
            "many": (*OURS, str(folder / "many")),
        }
        for other, arguments in OTHERS.items():
            if program := which(other):
                commands[f"{other} big"] = (program, *arguments, big)
                commands[f"{other} small"] = (program, *arguments, small)
            else:
                print(f"{other} is missing: pip install {other}")
        for command in commands.values():
            seconds(command)
        found = [{key: seconds(command) for key, command in commands.items()} for _ in range(rounds)]
    print(f"{rounds} rounds; median of the ratios, and its 95 % interval")
    say("validate / yaml.load", "at most 0.5", [each["big"] / each["load"] for each in found])
    say("10,000 / 1,000 nodes", "at most 11", [each["big"] / each["tenth"] for each in found])
    say("200 files / one", "at most 3", [each["many"] / each["small"] for each in found])
    for other in OTHERS:
        for size in ("big", "small"):
            if f"{other} {size}" in commands:
                say(f"{size}: ours / {other}", "below 1", [each[size] / each[f"{other} {size}"] for each in found])
    for key in commands:
        print(f"  {key:<22} {interval([each[key] for each in found])[0]:.3f} s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
