"""The programs of topologies/, each loaded from its file: names such as ``worker`` stand in several of them."""

from __future__ import annotations

import csv
import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
TOPOLOGIES = ROOT / "topologies"
PRICES = TOPOLOGIES / "market" / "prices.csv"


def load(topology: str, program: str) -> ModuleType:
    name = f"topologies_{topology}_{program}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, TOPOLOGIES / topology / f"{program}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def rows() -> Counter[str]:
    """Count the prices of each symbol."""
    with PRICES.open(newline="") as file:
        return Counter(row["symbol"] for row in csv.DictReader(file))
