"""``schema``: the JSON Schema of the language, for editors."""

from __future__ import annotations


def schema() -> None:
    """Print the JSON Schema of the language: `orchestrator schema > topology.schema.json`, and tell your editor."""
    from orchestrator.schema.build import text

    print(text(), end="")
