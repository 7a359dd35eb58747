"""What a process finds in its environment, so that it can import this package."""

from __future__ import annotations

import os
from pathlib import Path

import orchestrator


def importing(environment: dict[str, str]) -> dict[str, str]:
    """Return an environment in which Python finds this package, also where it is a checkout."""
    home = Path(orchestrator.__file__).resolve().parent.parent
    if home.name in ("site-packages", "dist-packages"):
        return environment
    folders = [str(home), *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    return environment | {"PYTHONPATH": os.pathsep.join(dict.fromkeys(folders))}
