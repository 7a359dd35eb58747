"""``device: recorder``: writes what arrives at its sockets into a file; see ``recording``."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from orchestrator.devices.passing import both_ways
from orchestrator.devices.recording import Writer
from orchestrator.node import Node


def main(node: Node, *, file: str) -> None:
    """Record until all who send have left. A file that is there gets a name with a number behind it."""
    writer = _writer(Path(file), node.mesh)

    def note(name: str, parts: list[bytes]) -> None:
        writer.write(name, parts, time.time())
        writer.flush()

    names = node.sockets
    both_ways(node, {name: partial(note, name) for name in names})
    for name in names:
        for parts in node.multipart(name):
            note(name, parts)
    writer.close(time.time())
    print(f"{writer.messages} messages")


def _writer(path: Path, mesh: str) -> Writer:
    for number in range(1, 10_000):
        tried = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
        try:
            writer = Writer(tried, mesh, time.time())
        except FileExistsError:
            continue
        print(f"records into {tried}", flush=True)
        return writer
    raise FileExistsError(f"{path}: there are too many recordings of this name")
