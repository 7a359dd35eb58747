"""Files -> Topology, or all that is wrong with them."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from orchestrator.topology import references
from orchestrator.topology.findings import Findings
from orchestrator.topology.model import Defaults, Topology
from orchestrator.topology.problems import Problem, Problems
from orchestrator.topology.shape import apply_defaults, drop_nulls, finish, shape
from orchestrator.topology.source import Document, read
from orchestrator.topology.translate import NAMES, translate
from orchestrator.topology.variables import NAME, Variables

STDIN = "-"


def load(
    files: Sequence[str | Path],
    sets: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
    name: str | None = None,
    stdin: str | bytes = b"",
    root: str | Path | None = None,
) -> Topology:
    """Load the topology that a file declares; ``-`` is the text ``stdin``.

    ``sets`` win over the file's vars, ``name`` over its name; ``environ`` is what ``${env.NAME}`` sees. Raise Problems
    with all that is wrong. Nothing but the file itself is looked at.
    """
    if len(files) != 1:
        file = str(files[1]) if files else "topology.yaml"
        what = "overlays (several files) are not supported yet" if files else "no file is given"
        raise Problems([Problem(file, 0, 0, "", what, "one file", code="S011")])
    file = str(files[0])
    content = _content(file, stdin)
    with uncollected():
        document = read(content, file)
        document.folders[file] = str(Path.cwd() if file == STDIN else Path(file).resolve().parent)
        if not document.data:
            raise Problems(document.problems or [_empty(document)])
        return _topology(document, sets or {}, environ or {}, name)


def mesh_name(file: str) -> str:
    """Give the name of a mesh whose file has none: that of the file up to the first dot, or of its folder."""
    path = Path(file)
    stem = path.resolve().parent.name if path.name in ("topology.yaml", "topology.yml") else path.name.partition(".")[0]
    return re.sub(r"[^a-z0-9_-]", "-", stem.lower())


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


def _content(file: str, stdin: str | bytes) -> bytes:
    if file == STDIN:
        return stdin.encode(errors="surrogateescape") if isinstance(stdin, str) else stdin
    try:
        return Path(file).read_bytes()
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise Problems([Problem(file, 0, 0, "", f"cannot be read: {why}", "a YAML file", code="S001")]) from None


def _empty(document: Document) -> Problem:
    return Problem(document.file, 1, 1, "", "the mapping is empty", "name, nodes and edges", code="S006")


def _topology(document: Document, sets: Mapping[str, str], environ: Mapping[str, str], name: str | None) -> Topology:
    findings = Findings(document)
    settled = Variables(findings, sets, environ).settle(document.data)
    shaped, types = shape(settled, findings)
    shaped.pop("templates", None)
    shaped["name"] = _name(shaped.get("name"), document, findings, name)
    shaped["files"] = (document.file,)
    if _defaults(shaped, findings):
        apply_defaults(shaped)
    if "defaults" in document.data:
        drop_nulls(shaped)
    finish(shaped)
    topology = None
    try:
        topology = Topology.model_validate(shaped)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            translate(each, findings)
    references.check(shaped, types, findings)
    problems = findings.problems()
    if problems or topology is None:
        raise Problems(problems)
    topology._document = document
    return topology


def _name(written: Any, document: Document, findings: Findings, given: str | None) -> Any:
    """Give the name of the mesh; what was written stays, right or wrong, for the model to judge."""
    if given is not None:
        if not NAME.fullmatch(given):
            findings.note(Problem("--name", 0, 0, "", f"{given[:70]!r} is no name", NAMES, code="S014"))
            return "mesh"
        return given
    if written is not None:
        return written
    made = "" if document.file == STDIN else mesh_name(document.file)
    if NAME.fullmatch(made):
        return made
    why = "the text comes from standard input" if document.file == STDIN else f"{made!r}, from the file, is none"
    findings.add("S013", ("name",), f"name is missing: {why}", NAMES, "write name, or --name NAME", key=True)
    return "mesh"


def _defaults(shaped: dict[str, Any], findings: Findings) -> bool:
    """Tell whether there are defaults, and they are right; wrong ones are noted, and left out."""
    if "defaults" not in shaped:
        return False
    try:
        Defaults.model_validate(shaped["defaults"])
    except ValidationError as error:
        for each in error.errors(include_url=False):
            translate(each, findings, ("defaults",))
        del shaped["defaults"]
        return False
    return True
