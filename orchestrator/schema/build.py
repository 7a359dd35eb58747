"""The whole schema, as data and as text."""

from __future__ import annotations

import json

from orchestrator.schema import parts, sockets
from orchestrator.schema.descriptions import TITLE
from orchestrator.schema.values import Schema
from orchestrator.topology.model import Topology

ID = "urn:zmq-orchestrator:topology:1"
"""Names the schema, and the language's version; nothing is found under it."""


def build() -> Schema:
    """Return the JSON Schema of a file (json-schema.org/draft/2020-12).

    Nothing but the ``hex`` of bytes is required: a file may be a part, laid over or under others. What must be there
    in the end, what excludes what and what refers to what is the loader's to say; and so are bounds of quantities with
    units, and that 2.0 is no whole number, which JSON does not know.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        **parts.body(Topology),
        "type": "object",
        "title": TITLE,
        "$defs": {**parts.definitions(), **sockets.definitions()},
    }


def text() -> str:
    """Return the schema as JSON."""
    return json.dumps(build(), indent=2, ensure_ascii=False) + "\n"
