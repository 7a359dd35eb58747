from __future__ import annotations

from cli.conftest import collector, home

__all__ = ["collector", "home"]
