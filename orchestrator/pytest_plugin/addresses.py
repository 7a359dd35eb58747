"""Addresses of a test's own in the place of those that files fix, so that tests can run side by side."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class FreeAddresses:
    """Gives out addresses, and keeps their ports from others until it is closed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._given: dict[str, str] = {}
        self._held: list[socket.socket] = []

    def overlay(self, topology: Mapping[str, Any]) -> Path | None:
        """Write a file to be laid over a topology, as ``config`` has it; None where that fixes no address.

        An address that is only known when a process starts stays. Who shares an address goes on to share one.
        """
        fixed = {name: edge.get("endpoint") for name, edge in topology.get("edges", {}).items()}
        edges = {
            name: {"endpoint": self._free(written)}
            for name, written in fixed.items()
            if isinstance(written, str) and "${" not in written and written.startswith(("ipc://", "tcp://"))
        }
        if not edges:
            return None
        file = self._folder / "addresses.yaml"
        file.write_text(json.dumps({"edges": edges}))  # which is YAML, too
        return file

    def close(self) -> None:
        """Let others have the ports."""
        for each in self._held:
            each.close()

    def _free(self, written: str) -> str:
        if written not in self._given:
            self._given[written] = (
                f"ipc://{self._folder}/{len(self._given)}" if written.startswith("ipc://") else self._tcp(written)
            )
        return self._given[written]

    def _tcp(self, written: str) -> str:
        """Return the address with another port, which stays bound: only a socket that listens is in libzmq's way."""
        held = socket.socket(socket.AF_INET6 if "[" in written else socket.AF_INET)
        held.bind(("", 0))
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held.append(held)
        return f"{written.rpartition(':')[0]}:{held.getsockname()[1]}"
