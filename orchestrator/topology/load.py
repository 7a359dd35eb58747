"""Files -> Topology, or all that is wrong with them."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from orchestrator.topology.check import references, unknown
from orchestrator.topology.check.validation_errors import translate
from orchestrator.topology.collector import Diagnostics
from orchestrator.topology.diagnostics.diagnostic import Diagnostic
from orchestrator.topology.errors import InvalidTopologyError
from orchestrator.topology.merge.includes import compose
from orchestrator.topology.merge.variables import Variables
from orchestrator.topology.model import Defaults, Topology
from orchestrator.topology.names import NAME, NAMES, mesh_name
from orchestrator.topology.normalize.normalize import apply_defaults, derive, drop_nulls, normalize
from orchestrator.topology.parse.document import Document
from orchestrator.topology.reading import STDIN
from orchestrator.topology.templates import resolve, validate

MOST_SOCKETS = 1_000_000
"""Of all processes of a mesh."""

MOST_TEXT = 100_000_000
"""Characters, of all processes of a mesh, in what they are given and variables make different for each."""


def load(
    files: Sequence[str | Path],
    sets: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
    name: str | None = None,
    stdin: str | bytes = b"",
    root: str | Path | None = None,
    instead: Mapping[str, bytes] | None = None,
) -> Topology:
    """Load the topology that files declare, each laid over those before it; ``-`` is the text ``stdin``.

    ``sets`` win over the files' vars, ``name`` over their name; ``environ`` is what ``${env.NAME}`` sees. What files
    include lies in ``root``, by default the folder of the first one; ``instead`` has contents that count in place of
    those of files, by their real path. Raise InvalidTopologyError with all that is wrong. Nothing but
    the files themselves is looked at.
    """
    if not files:
        raise InvalidTopologyError([Diagnostic("topology.yaml", 0, 0, "", "no file is given", "one file", code="S001")])
    named = tuple(map(str, files))
    with uncollected():
        document = compose(named, stdin, None if root is None else str(root), instead)
        if document.broken:
            raise InvalidTopologyError(document.problems)
        return _topology(document, named, sets or {}, environ or {}, name)


@contextmanager
def uncollected() -> Iterator[None]:
    """Switch the garbage collector off: the work makes much that lives and no cycles."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _topology(
    document: Document, files: tuple[str, ...], sets: Mapping[str, str], environ: Mapping[str, str], name: str | None
) -> Topology:
    document.given = frozenset(sets)
    findings = Diagnostics(document)
    resolve(document, findings)
    settled = Variables(findings, sets, environ).settle(document.data)
    validate(settled.pop("templates", None), findings)
    shaped, types = normalize(settled, findings)
    shaped["name"] = _name(shaped.get("name"), document, findings, name)
    shaped["files"] = files
    if _defaults(shaped, findings):
        apply_defaults(shaped)
    shaped.pop("defaults", None)
    if "defaults" in document.data:
        drop_nulls(shaped)
    derive(shaped)
    unknown.hide(shaped, findings)
    topology = None
    try:
        topology = Topology.validate(shaped)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            translate(each, findings)
    references.check(shaped, types, findings)
    crowded = topology is not None and _crowded(topology, findings)
    problems = findings.problems()
    if crowded:
        raise InvalidTopologyError(problems)
    if topology is not None:
        topology._document = document
    if problems or topology is None:
        raise InvalidTopologyError(problems, topology)
    return topology


def _crowded(topology: Topology, findings: Diagnostics) -> bool:
    """Return whether there is more than can be planned: sockets (a process without one counts as one), and texts."""
    sockets = {name: node.count * max(1, len(node.sockets)) for name, node in topology.nodes.items()}
    texts = {
        name: node.count * _varying((node.command, node.args, node.env, node.stdin, node.env_file, node.working_dir))
        for name, node in topology.nodes.items()
        if node.count > 1 and topology.variables
    }
    for counted, most, what in ((sockets, MOST_SOCKETS, "sockets"), (texts, MOST_TEXT, "characters of their own")):
        total = sum(counted.values())
        if total > most:
            largest = max(counted, key=counted.__getitem__)
            several = "each" if topology.nodes[largest].each is not None else "replicas"
            message = f"all processes together have {total:,} {what}, those of {largest} {counted[largest]:,}"
            findings.add("S003", ("nodes", largest, several), message, f"{most:,} at most")
            return True
    return False


def _varying(value: Any) -> int:
    """Count the characters of texts in which each process has variables of its own."""
    if isinstance(value, str):
        return len(value) if "${" in value else 0
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return sum(map(_varying, inner))


def _name(written: Any, document: Document, findings: Diagnostics, given: str | None) -> Any:
    """Return the name of the mesh; what was written stays, right or wrong, for the model to judge."""
    if given is not None:
        if not re.fullmatch(NAME, given):
            findings.note(Diagnostic("--name", 0, 0, "", f"{given[:70]!r} is no name", NAMES, code="S014"))
            return "mesh"
        return given
    if written is not None:
        return written
    made = "" if document.file == STDIN else mesh_name(document.file)
    if re.fullmatch(NAME, made):
        return made
    why = "the text comes from standard input" if document.file == STDIN else f"{made!r}, from the file, is none"
    findings.add("S013", ("name",), f"name is missing: {why}", NAMES, "write name, or --name NAME", key=True)
    return "mesh"


def _defaults(shaped: dict[str, Any], findings: Diagnostics) -> bool:
    """Return whether there are defaults, and they are right; wrong ones are noted."""
    if "defaults" not in shaped:
        return False
    try:
        Defaults.validate(shaped["defaults"])
    except ValidationError as error:
        for each in error.errors(include_url=False):
            translate(each, findings, ("defaults",))
        return False
    return True
