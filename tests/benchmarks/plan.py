"""What ``orchestrator plan`` costs as a whole process, beside what others do with the same file.

``python -m tests.benchmarks.plan [ROUNDS]`` (default 12): 10,000 nodes of two sockets, each on an edge, 70,000 lines.
Each round runs all commands, one after the other; a figure is the median of the rounds' ratios with its 95 % interval.
Time is that of the processor, user and system, of the child alone; memory is its largest resident set. The lint rules
are left out, but for the lines that say so: what they cost, ``validate`` shows.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.stats import interval, say

ROOT = Path(__file__).parents[2]
SMALL = """\
name: small
nodes:
  feed:
    python: feed:main
    args: {file: ticks.csv, rate: 1000}
    sockets:
      ticks: PUB
  bot:
    python: bot:main
    replicas: 24
    args: {seed: "${index}"}
    restart: on-failure
    depends_on: [book]
    sockets:
      ticks: {type: SUB, subscribe: [AAPL, MSFT]}
      orders: PUSH
  book:
    command: ./book --in ${endpoint.orders}
    env: {LEVEL: debug}
    sockets:
      orders: PULL
      fills: {type: SUB, subscribe: ""}
  exchange:
    external: true
    sockets:
      fills: PUB

edges:
  ticks: {bind: feed.ticks, connect: bot.ticks}
  orders: {bind: book.orders, connect: bot.orders}
  fills: {bind: exchange.fills, connect: book.fills, endpoint: "tcp://127.0.0.1:9000"}
"""
LOAD = "import sys, yaml; yaml.load(open(sys.argv[1]).read(), Loader=yaml.CSafeLoader)"
WHOLE = "from orchestrator.cli import main; main()"
PLAN = (
    """
from orchestrator.project import accepted
examined = accepted._examined
accepted._examined = lambda selection, until, *more: examined(selection, "plan", *more)
"""
    + WHOLE
)
OFF = "import gc; gc.disable(); "
IMPORTS = "import yaml, typer; from pydantic import BaseModel"


class Cost(NamedTuple):
    """Seconds of processor time, and the largest resident set in KiB."""

    seconds: float
    memory: float


def topology(nodes: int) -> str:
    """Give a ring of nodes: each with two sockets, each socket on one edge; seven lines a node."""
    parts = [
        f"  n{number}:\n    python: work:main\n    args: {{seed: {number}}}\n    sockets:\n"
        "      out: PUSH\n      in: {type: PULL, rcvhwm: 1000}\n"
        for number in range(nodes)
    ]
    edges = [f"  e{number}: {{bind: n{number}.out, connect: n{(number + 1) % nodes}.in}}\n" for number in range(nodes)]
    return "".join(["name: big\nnodes:\n", *parts, "edges:\n", *edges])


def cost(script: str, *arguments: str) -> Cost:
    """Run a script in a new interpreter."""
    # Bytecode is written by the first round; an installed package has it.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [sys.executable, "-c", script, *arguments]
    child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{script}: exit status {child.returncode}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss)


def main(rounds: int = 12) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory(prefix="b") as name:
        files = {"big": topology(10_000), "tenth": topology(1_000), "small": SMALL}
        paths = {key: str(Path(name, f"{key}.yaml")) for key in files}
        for key, text in files.items():
            Path(paths[key]).write_text(text)
        commands = {
            "plan": (PLAN, "plan", paths["big"]),
            "load": (LOAD, paths["big"]),
            "whole": (WHOLE, "plan", paths["big"]),
            "plan off": (OFF + PLAN, "plan", paths["big"]),
            "load off": (OFF + LOAD, paths["big"]),
            "tenth": (PLAN, "plan", paths["tenth"]),
            "small": (PLAN, "plan", paths["small"]),
            "small whole": (WHOLE, "plan", paths["small"]),
            "imports": (IMPORTS,),
        }
        for command in commands.values():
            cost(*command)
        found = [{key: cost(*command) for key, command in commands.items()} for _ in range(rounds)]
    print(f"{rounds} rounds; median of the ratios, and its 95 % interval")
    say("plan / yaml.load", "at most 0.35", [each["plan"].seconds / each["load"].seconds for each in found])
    say(
        "both without collector", "at most 1.0", [each["plan off"].seconds / each["load off"].seconds for each in found]
    )
    say("10,000 / 1,000 nodes", "at most 11", [each["plan"].seconds / each["tenth"].seconds for each in found])
    say("peak memory / yaml.load's", "at most 1.5", [each["plan"].memory / each["load"].memory for each in found])
    say("30 lines / its imports", "at most 1.8", [each["small"].seconds / each["imports"].seconds for each in found])
    say("plan with rules / yaml.load", "at most 0.5", [each["whole"].seconds / each["load"].seconds for each in found])
    say(
        "30 lines with rules / its imports",
        "at most 1.8",
        [each["small whole"].seconds / each["imports"].seconds for each in found],
    )
    for key in commands:
        print(f"  {key:<11} {interval([each[key].seconds for each in found])[0]:.3f} s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
