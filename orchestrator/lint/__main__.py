"""``python -m orchestrator.lint``: docs/reference/rules.md, made of the rules' docstrings."""

from __future__ import annotations

import sys

from orchestrator.lint import docs
from orchestrator.lint.codes import CODES

TITLES = {
    "S": "S: the schema",
    "Z0": "Z0: silencing rules",
    "Z1": "Z1: wiring",
    "Z2": "Z2: endpoints",
    "Z3": "Z3: flow",
    "Z4": "Z4: options",
    "Z5": "Z5: security",
    "Z6": "Z6: processes and programs",
}


def page() -> str:
    """Give the text of docs/reference/rules.md."""
    return docs.page(
        (title, (kind for code, kind in CODES.items() if code.startswith(prefix))) for prefix, title in TITLES.items()
    )


if __name__ == "__main__":
    sys.stdout.write(page())
