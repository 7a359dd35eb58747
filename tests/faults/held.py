"""A program that is not loaded, or does not end, before a file is gone."""

from __future__ import annotations

import os
import time
from pathlib import Path

from orchestrator.node import Node


def wait_for_the_end_of(file: Path) -> None:
    while file.exists():
        time.sleep(0.005)


wait_for_the_end_of(Path(os.environ["LOADING"]))


def main(node: Node) -> None:
    for _ in node.messages("ticks"):
        pass
    wait_for_the_end_of(Path(os.environ["ENDING"]))
