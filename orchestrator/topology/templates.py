"""``templates``: bodies that nodes, and other templates, start from by ``extends``."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from orchestrator.topology.check.validation_errors import translate
from orchestrator.topology.collector import Diagnostics, shown
from orchestrator.topology.merge.overlay import merge_node
from orchestrator.topology.model import Socket, TemplatesAndDefaults
from orchestrator.topology.normalize.items import items
from orchestrator.topology.normalize.normalize import NODE
from orchestrator.topology.normalize.sockets import Sockets
from orchestrator.topology.parse.document import Document
from orchestrator.topology.parse.position import Path

MOST, MOST_PER_PLACE = 100_000, 10
"""Templates may bring so many values to the nodes of a topology, and so many more for each that is written."""

LONGEST_CHAIN = 20
"""Of templates that extend one another."""

Body = dict[str, Any]


def resolve(document: Document, findings: Diagnostics) -> None:
    """Lay each node over the template that it extends. What is wrong is noted, and the node left as it is."""
    nodes = document.data.get("nodes")
    if nodes.__class__ is not dict:
        return
    extending = {name: body for name, body in nodes.items() if body.__class__ is dict and "extends" in body}
    if extending:
        whole = _Extending(document, findings).nodes(extending)
        _put(document, "nodes", whole)


def validate(templates: Any, findings: Diagnostics) -> None:
    """Note what is wrong with templates by themselves, used or not; what they lack a node may have."""
    if templates is None:
        return
    bodies = templates.items() if isinstance(templates, dict) else ()
    shaped = {name: _shaped(name, NODE(body), findings) for name, body in bodies if body is not None}
    try:
        TemplatesAndDefaults.validate({"templates": shaped if isinstance(templates, dict) else templates})
    except ValidationError as error:
        for each in error.errors(include_url=False):
            translate(each, findings)


def _shaped(name: str, body: Any, findings: Diagnostics) -> Any:
    if not isinstance(body, dict):
        return body
    body.pop("extends", None)
    if body.get("each") is not None:
        body["each"] = items(body["each"], ("templates", name, "each"), findings)
    if isinstance(sockets := body.get("sockets"), dict):
        bare = [key for key, socket in sockets.items() if isinstance(socket, dict) and "type" not in socket]
        whole = {key: socket for key, socket in sockets.items() if key not in bare}
        none = dict.fromkeys(bare, Socket.model_construct(type=""))
        body["sockets"] = none | Sockets(findings, "templates").normalize(name, whole)
    return body


class _Extending:
    """Follows ``extends``; each template is worked out once."""

    def __init__(self, document: Document, findings: Diagnostics) -> None:
        self._document, self._findings = document, findings
        templates = document.data.get("templates")
        self._templates: dict[str, Any] = templates if isinstance(templates, dict) else {}
        self._done: dict[str, Body | None] = {}
        self._sizes: dict[str, int] = {}
        self._left = MOST + MOST_PER_PLACE * document.positions.marks()

    def nodes(self, extending: dict[str, Body]) -> dict[str, Body]:
        found = {}
        for name, body in extending.items():
            found[name] = self._whole(("nodes", name), body, ())
            if self._left < 0:
                message = "templates unfold to more than this program reads"
                self._findings.add("S003", ("nodes", name, "extends"), message)
                break
        return found

    def _whole(self, path: Path, body: Body, chain: tuple[str, ...]) -> Body:
        """Return a body laid over the template that it extends; itself where there is none."""
        name = body.get("extends")
        if name is None:
            return body
        template = self._template(name, (*path, "extends"), chain)
        if template is None:
            return body
        whole = merge_node(self._document, template, body)
        if template.get("extends") is not None:  # in vain, which is said there
            self._findings.hide((*path, "extends"))
            return whole
        if not chain:
            self._left -= self._sizes.setdefault(name, _size(template))
        return self._without(whole)

    def _without(self, body: Body) -> Body:
        """Take ``extends`` out of a body of ours."""
        self._document.positions.remove(body, "extends")
        return body

    def _template(self, name: Any, path: Path, chain: tuple[str, ...]) -> Body | None:
        if not isinstance(name, str) or "${" in name:
            known = "the name of a template; there are no variables in extends"
            self._findings.add("S012", path, f"{shown(name)} cannot be used", known)
            return None
        if name in chain:
            loop = " -> ".join([*chain[chain.index(name) :], name])
            message = f"templates extend one another in a loop: {loop}"
            self._findings.add("S031", path, message, "", "remove one of these")
            return None
        if len(chain) == LONGEST_CHAIN:
            self._findings.add("S003", path, f"a chain of more than {LONGEST_CHAIN} templates")
            return None
        if name not in self._done:
            body = self._templates.get(name)
            if isinstance(body, dict):
                self._done[name] = self._whole(("templates", name), body, (*chain, name))
            else:
                hint, fix = self._findings.meant(path, name, self._templates)
                hint = hint or ("" if self._templates else "there are none")
                message = f"there is no template {name[:70]!r}"
                self._findings.add("Z102", path, message, "the name of a template", hint, fix)
                return None
        return self._done[name]


def _put(document: Document, key: str, changed: dict[str, Body]) -> None:
    """Replace bodies in a part of a document; nothing that others may share is changed."""
    data, part = document.data, document.data[key] | changed
    document.data = data | {key: part}
    positions = document.positions
    positions[part] = positions[data[key]]
    positions[document.data] = positions[data]


def _size(value: Any) -> int:
    """Count the values in a value, itself among them."""
    if value.__class__ is dict:
        return 1 + sum(map(_size, value.values()))
    return 1 + sum(map(_size, value)) if value.__class__ is list else 1
