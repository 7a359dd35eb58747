"""``python -m tests.contract.page`` writes docs/reference/messages.md: all that processes of ours tell each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from textwrap import wrap
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, is_typeddict

from orchestrator.contract import codec, exits, keeper_messages, launch, node_messages, wiring
from orchestrator.contract.codec import Request
from orchestrator.control import messages, verbs
from orchestrator.supervisor.policy.state import ProcessState
from orchestrator.supervisor.runtime import records

from .kinds import of

PAGE = Path(__file__).parents[2] / "docs/reference/messages.md"

HEAD = """# Messages

What the processes of the product tell each other, generated from the classes that are sent by `python -m
tests.contract.page`. For contributors: between releases all of it may change, but for the wiring, the documents of
`--format json` and the events, whose versions say so.

Each message is a JSON object. Fields that a reader does not know are passed over, but for those of a launch order;
one that is missing or wrong is refused by a line that names message and field. A field with a value may be left out.
"""

PARTS: tuple[tuple[str, str, Iterable[Any]], ...] = (
    (
        "Client to supervisor",
        'Lines `{"verb": NAME, ...}`, answered by `{"ok": ...}` or `{"error": TEXT}`.',
        of(verbs),
    ),
    ("Supervisor to client", "Answers, documents and events.", of(messages)),
    (
        "Supervisor and keeper",
        'Packets: requests `{"do": NAME, "id": N, ...}`, answers `{"answer": N, ...}`, and `{"say": NAME, ...}`.',
        of(keeper_messages),
    ),
    ("Supervisor and node", "Packets like those of the keeper.", of(node_messages)),
    ("Answers of keeper and nodes alike", "", of(codec)),
    ("Exits", "What a keeper writes to a file before it tells it.", of(exits)),
    ("Launch order", "A file that the supervisor writes and the keeper, or `run`, carries out.", of(launch)),
    ("Wiring", "A file that the supervisor writes and a node reads: `ORCHESTRATOR_WIRING` names it.", of(wiring)),
    ("State on disk", "Lines of `state.jsonl`, for the next supervisor.", [*of(records), ProcessState]),
)


def page() -> str:
    """Give the page."""
    lines = [HEAD]
    for title, text, found in PARTS:
        lines += [f"## {title}", "", *((text, "") if text else ())]
        for kind in found:
            lines += _kind(kind)
    return "\n".join(lines).rstrip() + "\n"


def _kind(kind: Any) -> Iterator[str]:
    about = (kind.__doc__ or "").replace("``", "`").split("\n\n")
    yield from (f"### {kind.__name__}", "")
    for paragraph in about:
        yield from (*wrap(" ".join(paragraph.split()), 118, break_long_words=False, break_on_hyphens=False), "")
    if isinstance(kind, type) and not is_typeddict(kind) and issubclass(kind, Request):
        yield from (f"Answer: {_type(kind.answer)}.", "")
    yield from _table(kind)


def _table(kind: Any) -> Iterable[str]:
    types = codec.types(kind)
    if not types:
        return ()
    rows = [f"| `{name}` | {_type(each)} | {_otherwise(kind, name)} |" for name, each in types.items()]
    return ("| field | type | if left out |", "| --- | --- | --- |", *rows, "")


def _otherwise(kind: Any, name: str) -> str:
    if is_typeddict(kind):
        return "" if name in kind.__required_keys__ else "not known"
    if is_dataclass(kind):
        field = next(each for each in fields(kind) if each.name == name)
        if field.default_factory is not MISSING:
            return f"`{field.default_factory()!r}`"
        return "" if field.default is MISSING else f"`{field.default!r}`"
    return f"`{kind.optional()[name]!r}`" if name in kind.optional() else ""


NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false", NoneType: "null", Any: "anything"}


def _type(of: Any) -> str:
    origin, inner = get_origin(of), get_args(of)
    if of in NAMES:
        return NAMES[of]
    if origin is Literal:
        return " or ".join(f"`{each!r}`".replace("'", "") for each in inner)
    if origin in (UnionType, Union):
        return " or ".join(map(_type, inner))
    if origin is list or inner[1:] == (...,):
        return f"list of: {_type(inner[0])}"
    if origin is tuple:
        return f"list of {', '.join(map(_type, inner))}"
    if origin is dict:
        return f"object of: {_type(inner[1])}"
    return f"`{of.__name__}`"


if __name__ == "__main__":
    PAGE.write_text(page())
