"""Which addresses the fixture replaces."""

from __future__ import annotations

import json
from pathlib import Path

from orchestrator.pytest_plugin.addresses import FreeAddresses


def test_a_topology_without_edges_fixes_no_address(tmp_path: Path) -> None:
    assert FreeAddresses(tmp_path).overlay({"nodes": {"alone": {"command": "true"}}}) is None


def test_edges_with_one_address_go_on_to_share_one(tmp_path: Path) -> None:
    addresses = FreeAddresses(tmp_path)
    fixed = {"endpoint": "tcp://127.0.0.1:7402"}
    file = addresses.overlay({"edges": {"a": fixed, "b": fixed, "c": {"bind": "x.y"}}})
    addresses.close()
    assert file is not None
    given = json.loads(file.read_text())["edges"]
    assert given["a"] == given["b"] != fixed
    assert set(given) == {"a", "b"}
