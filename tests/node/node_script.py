"""A program that takes its node from the environment."""

from __future__ import annotations

import json
from pathlib import Path

from orchestrator.node import Node

with Node.from_environment() as node:
    got = [int(message) for message in node.messages("in")]
Path(node.args["out"]).write_text(json.dumps(got))
