"""Writes each camera's pictures into a file of its own: many pictures in one file are fine in the format PGM."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from orchestrator.node import Node


def main(node: Node, *, folder: str) -> None:
    Path(folder).mkdir(parents=True, exist_ok=True)
    files: dict[str, BinaryIO] = {}
    frames: Counter[str] = Counter()
    with ExitStack() as opened:
        for message in node.messages("frames"):
            head, picture = message.split(b"\n", 1)
            camera, number = head.decode().split()
            if camera not in files:
                files[camera] = opened.enter_context(Path(folder, f"{camera}.pgm").open("wb"))
            if int(number) != frames[camera]:
                print(f"{camera}: frame {frames[camera]} is missing")
            frames[camera] = int(number) + 1
            files[camera].write(picture)
    print(f"recorded {', '.join(f'{name} {count}' for name, count in sorted(frames.items()))} in {folder}")
