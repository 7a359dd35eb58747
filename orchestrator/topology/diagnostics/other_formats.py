"""Files that are no topologies, known by their look before anything of them is read as YAML."""

from __future__ import annotations

import re
from typing import NamedTuple

from orchestrator.topology.diagnostics.hints import OTHER_SYSTEMS_KEYS, TOP, near

LOOKED_AT = 20_000
"""So many characters are enough to know a file by."""


class Seen(NamedTuple):
    """What a file is, and what to write instead of it."""

    what: str
    instead: str


_EACH = "as a node: `nodes: {NAME: {command: ...}}`"
INI = Seen("an INI or TOML file", f"write each program of it {_EACH}")
PROCFILE = Seen("a Procfile", f"write each line of it {_EACH}")
XML = Seen("an XML file", f"write each program of it {_EACH}")

_SECTION = r"\[{1,2}[^\[\]{}]+\]{1,2}[ \t]*(?:[#;].*)?"
_ASSIGNMENT = re.compile(r"[\w.@%/\"-][\w .@%/\"-]*=.*")
_OPTION = r"[\w.@%/\"-][\w .@%/\"-]*[=:].*"
_COMMAND = r"([A-Za-z0-9_-]+):[ \t]*([^\s{\[|>&*#!\"%@`'].*)"


def seen(text: str) -> Seen | None:
    """Return what a text is that is no topology by its look; None where it may be one."""
    start = text[:LOOKED_AT].lstrip()
    if re.match(r"<[?!A-Za-z]", start):
        return XML
    told = [line.rstrip() for line in text[:LOOKED_AT].splitlines() if line.strip() and line.lstrip()[0] not in "#;"]
    if len(text) > LOOKED_AT:
        del told[-1:]  # it may be cut
    if _is_ini(told):
        return INI
    return PROCFILE if _is_procfile(told) else None


def _is_ini(told: list[str]) -> bool:
    """Return whether lines are sections of assignments, perhaps with assignments above the first one."""
    at = next((number for number, line in enumerate(told) if not _ASSIGNMENT.fullmatch(line)), len(told))
    if at == len(told) or not re.fullmatch(_SECTION, told[at]):
        return False
    rest = [line for line in told[at:] if not re.fullmatch(_SECTION, line)]
    return at > 0 or (bool(rest) and re.fullmatch(_OPTION, rest[0]) is not None)


def _is_procfile(told: list[str]) -> bool:
    """Return whether every line is a name and a command, and no name is, or may be meant as, a key of a topology."""
    found = [re.fullmatch(_COMMAND, line) for line in told]
    lines = [match for match in found if match is not None]
    if not lines or len(lines) < len(found):
        return False
    ours = {*TOP, *OTHER_SYSTEMS_KEYS["Topology"]}
    names = [match[1] for match in lines]
    if any(name in ours or name.startswith("x-") or near(name, TOP) for name in names):
        return False
    return any(len(match[2].split()) > 1 or "/" in match[2] for match in lines)
