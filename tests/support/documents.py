"""Random topologies as people write them, from the model; and mutants of them that are wrong.

``documents()`` gives plain data that the loader accepts and that holds no variable; ``as_yaml`` writes it.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from orchestrator.topology import model
from orchestrator.topology.merge.exclusive import OF_EXTERNAL
from orchestrator.topology.model import Expectation, StrictModel
from orchestrator.zeromq.options import OPTIONS, Option
from orchestrator.zeromq.quantities import DURATION, SIZE
from orchestrator.zeromq.sockets import FILTERING, TYPES, compatible

Document = dict[str, Any]
Any_ = st.SearchStrategy[Any]

OURS = {"files", "folder"}
STABLE = [name for name, each in TYPES.items() if not each.draft]

# ---- scalars

NAMES = st.from_regex(r"[a-z][a-z_]{0,7}", fullmatch=True)
DURATIONS = st.one_of(
    st.builds("{}{}".format, st.integers(1, 999), st.sampled_from(["us", "ms", "s", "m", "h"])),
    st.builds("{}m{}s".format, st.integers(0, 90), st.integers(0, 59)),
    st.builds("{}.5s".format, st.integers(0, 99)),
)
SIZES = st.builds(
    "{}{}".format, st.integers(1, 999), st.sampled_from(["B", "kB", "KB", "MB", "GB", "KiB", "MiB", "GiB"])
)
_PRINTABLE = st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"], exclude_characters="$")
WORDS = st.text(_PRINTABLE, max_size=12)
TEXTS: Any_ = st.one_of(
    WORDS, st.sampled_from(["1.10", "0010", "no", "null", "", "two\nlines\n"]), st.integers(), st.booleans()
)
_SCALARS: Any_ = st.one_of(WORDS, st.integers(-(10**6), 10**6), st.booleans(), st.floats(-1e6, 1e6).filter(bool))
VALUES: Any_ = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3)
)


def several(item: Any_, least: int = 0) -> Any_:
    """A list, or one item in its place."""
    return st.lists(item, min_size=least, max_size=3) | item


# ---- parts, from the fields of the model


def part(kind: type[StrictModel], without: Iterable[str] = ()) -> Any_:
    """Some keys of a part, with values of their types; now and then one that is null, or begins with x-."""
    return _part(kind, frozenset(without))


@cache
def _part(kind: type[StrictModel], without: frozenset[str]) -> Any_:
    fields = {key: field(kind, key) for key in kind.model_fields if key not in without | OURS}
    return st.lists(st.sampled_from([*fields, "x-note"]), max_size=4, unique=True).flatmap(
        lambda keys: st.fixed_dictionaries({key: fields.get(key, VALUES) for key in keys})
    )


@cache
def field(kind: type[StrictModel], key: str) -> Any_:
    """Values of one key."""
    for each in kind.__mro__:
        if made := MADE.get(f"{each.__name__}.{key}"):
            return made()
    info = kind.model_fields[key]
    return written(info.annotation, info.metadata)


def written(annotation: Any, metadata: Any = ()) -> Any_:
    """What people write for a type of the model."""
    kind, known = bare(annotation, list(metadata))
    expected = next((each.text for each in known if isinstance(each, Expectation)), "")
    if expected in (DURATION, SIZE):
        return DURATIONS if expected == DURATION else SIZES
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if get_origin(kind) is dict:
        return st.dictionaries(NAMES, written(get_args(kind)[1]), max_size=3)
    if get_origin(kind) is tuple:
        return several(written(get_args(kind)[0]))
    if isinstance(kind, type) and issubclass(kind, StrictModel):
        return part(kind)
    if kind in (int, float):
        low, high = (*bounds(known, "ge"), 0)[0], (*bounds(known, "le"), 10**6)[0]
        return st.integers(low, high) if kind is int else st.integers(low, high) | st.floats(low, high)
    if kind is bool:
        return st.booleans()
    if kind is str:
        return NAMES if any("a-z" in str(getattr(each, "pattern", "")) for each in known) else TEXTS
    return VALUES


def bounds(known: list[Any], name: str) -> list[Any]:
    """The bounds of a number of one kind: ge or le."""
    return [bound for each in known if (bound := getattr(each, name, None)) is not None]


def bare(annotation: Any, known: list[Any]) -> tuple[Any, list[Any]]:
    """A type without None and its annotations, and these."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            known += [each for item in more for each in (item.metadata if isinstance(item, FieldInfo) else [item])]
        else:
            annotation = next(each for each in get_args(annotation) if each is not NoneType)
    return annotation, known


COMMANDS: Any_ = st.sampled_from(["./tool", "./tool --fast 'two words'", "env"]) | st.lists(
    TEXTS, min_size=1, max_size=3
)
URLS = st.sampled_from(["http://127.0.0.1:8080/health", "https://localhost/"])
_PROBES: dict[str, Any_] = {"command": COMMANDS, "http": URLS}
_READY: dict[str, Any_] = {
    **dict.fromkeys(("library", "listening", "notify"), st.just(True)),
    **_PROBES,
    "log": st.sampled_from(["listening on .*", "ready$"]),
}
_LIMITS: Any_ = SIZES | st.just("unlimited") | st.just(0)


def _probe(kind: type[StrictModel], hows: dict[str, Any_], least: int) -> Any_:
    """One of some keys, beside others."""
    one = st.lists(st.sampled_from(list(hows)), min_size=least, max_size=1).flatmap(
        lambda keys: st.fixed_dictionaries({key: hows[key] for key in keys})
    )
    return st.builds(lambda how, rest: {**how, **rest}, one, part(kind, set(hows)))


MADE: dict[str, Callable[[], Any_]] = {
    "Node.python": lambda: st.sampled_from(["feed:main", "package.module:Class.run", "prüfung:los"]),
    "Node.command": lambda: COMMANDS,
    "Node.external": lambda: st.just(True),
    "Node.each": lambda: (
        st.lists(NAMES | st.integers(0, 99), max_size=3, unique_by=str)
        | st.dictionaries(st.from_regex(r"[A-Za-z0-9_-]{1,5}", fullmatch=True), VALUES, max_size=3)
    ),
    "NodeBase.env": lambda: st.dictionaries(st.from_regex(r"[A-Z][A-Z0-9_]{0,5}", fullmatch=True), TEXTS, max_size=3),
    "NodeBase.restart": lambda: st.sampled_from(["always", "on-failure", "never"]) | part(model.Restart),
    "NodeBase.ready": lambda: st.sampled_from(["library", "listening", "notify"]) | _probe(model.Ready, _READY, 1),
    "NodeBase.live": lambda: _probe(model.Live, _PROBES, 0),
    "NodeBase.env_file": lambda: several(NAMES, 1),
    "Restart.max_attempts": lambda: st.integers(0, 100) | st.just("unlimited"),
    "Limits.memlock": lambda: _LIMITS,
    "Limits.core": lambda: _LIMITS,
    "Topology.version": lambda: st.just(1),
    "Lint.ignore": lambda: several(st.sampled_from(["Z101", "Z201", "Z202"])),
    "Lint.select": lambda: several(st.sampled_from(["Z101", "Z201", "Z202"])),
}
"""What the types do not tell."""

# ---- sockets


@cache
def option(name: str) -> Any_:
    """Values of one option of a socket."""
    if name == "subscribe":
        return several(WORDS | st.builds(lambda octets: {"hex": octets.hex()}, st.binary(max_size=4)))
    known = OPTIONS[name]
    if known.kind in ("bytes", "text"):
        texts = st.text("abcXYZ.:-1", min_size=known.minimum, max_size=min(known.maximum, 12))
        octets = st.binary(min_size=known.minimum, max_size=8).map(lambda octets: {"hex": octets.hex()})
        return texts if known.kind == "text" else texts | octets
    return _number(known)


def _number(known: Option) -> Any_:
    numbers: Any_ = st.integers(max(known.minimum, -(2**40)), min(known.maximum, 2**40))
    if known.kind == "bool":
        return numbers | st.booleans()
    if known.unit in ("ms", "s"):
        return numbers | st.integers(0, 999).map(lambda count: f"{count}{'ms' if known.unit == 'ms' else 's'}")
    return numbers | st.integers(1, 999).map(lambda count: f"{count}KiB") if known.unit == "bytes" else numbers


@cache
def options(kind: str) -> Any_:
    """Some options of a type."""
    names = [name for name, each in OPTIONS.items() if each.types is None or kind in each.types]
    names += ["subscribe"] if kind in FILTERING else []
    return st.lists(st.sampled_from(names), max_size=3, unique=True).flatmap(
        lambda chosen: st.fixed_dictionaries({name: option(name) for name in chosen})
    )


SOCKETS: Any_ = st.sampled_from(STABLE).flatmap(
    lambda kind: st.just(kind) | options(kind).map(lambda chosen: {"type": kind, **chosen})
)
_SOCKET_DEFAULTS: Any_ = st.builds(
    lambda general, special: {**general, **special},
    st.dictionaries(st.sampled_from(["linger", "sndhwm", "rcvhwm"]), st.integers(0, 1000)),
    st.sampled_from(STABLE).flatmap(lambda kind: st.fixed_dictionaries({kind: options(kind)})),
)


# ---- documents


@st.composite
def nodes(draw: st.DrawFn, earlier: Document) -> Document:
    """A node, which may depend on earlier ones."""
    runs = draw(st.sampled_from(["python", "python", "command", "external"]))
    named = set(model.Node.model_fields) - set(model.NodeBase.model_fields)
    if runs == "external":
        body = draw(part(model.Node, set(model.Node.model_fields) - OF_EXTERNAL | {"external", "sockets"}))
    else:
        useless = {"python": {"speaks"}, "command": {"interpreter"}}[runs]
        body = draw(part(model.Node, named | useless | {"depends_on"}))
        several_ = draw(st.sampled_from(["", "", "replicas", "each"]))
        if several_:
            body[several_] = draw(st.integers(0, 5) if several_ == "replicas" else field(model.Node, "each"))
        ours = [name for name, other in earlier.items() if not other.get("external")]
        if ours and draw(st.booleans()):
            body["depends_on"] = draw(_depends_on(ours, earlier))
    body[runs] = draw(field(model.Node, runs))
    body["sockets"] = draw(st.dictionaries(NAMES, SOCKETS, max_size=3))
    return {key: body[key] for key in draw(st.permutations(list(body)))}


def _depends_on(ours: list[str], earlier: Document) -> Any_:
    done = [name for name in ours if earlier[name].get("kind") in ("job", "main")]
    mapping: Any_ = st.dictionaries(st.sampled_from(ours), st.sampled_from(["started", "ready"]), max_size=2)
    if done:
        mapping |= st.dictionaries(st.sampled_from(done), st.just("done"), max_size=1)
    return (
        several(st.sampled_from(ours)).map(
            lambda names: list(dict.fromkeys(names)) if isinstance(names, list) else names
        )
        | mapping
    )


@st.composite
def edges(draw: st.DrawFn, declared: Document, number: int) -> Document | None:
    """An edge between two sockets that can talk, if there are any."""
    ends = [(node, name, kind) for node, body in declared.items() for name, kind in _types(body)]
    pairs = [
        (a, b) for a in ends for b in ends if compatible(a[2], b[2]) and a[:2] != b[:2] and not _outside(declared, a, b)
    ]
    if not pairs:
        return None
    (bound, *_), (connected, *_) = pair = draw(st.sampled_from(pairs))
    connect = f"{pair[1][0]}.{pair[1][1]}"
    edge = {"bind": f"{pair[0][0]}.{pair[0][1]}", "connect": draw(st.sampled_from([connect, [connect]]))}
    if _outside(declared, pair[0], pair[0]) or _outside(declared, pair[1], pair[1]) or draw(st.integers(0, 4)) == 0:
        edge["endpoint"] = f"tcp://127.0.0.1:{5000 + number}"
    elif draw(st.booleans()):
        edge["transport"] = draw(field(model.Edge, "transport"))
    if {"replicas", "each"} & {*declared[bound], *declared[connected]} or draw(st.booleans()):
        itself = ["others", "ring", "tree", {"kind": "tree", "arity": 3}] if bound == connected else ["spread"]
        edge["pairing"] = draw(st.sampled_from(["all", {"kind": "all"}, *itself]))
    return edge


def _types(body: Document) -> list[tuple[str, str]]:
    return [(name, each if isinstance(each, str) else each["type"]) for name, each in body["sockets"].items()]


def _outside(declared: Document, *ends: tuple[str, str, str]) -> bool:
    return all(declared[end[0]].get("external") for end in ends)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A whole topology in one file, without variables, that the loader accepts."""
    document: Document = draw(part(model.Topology, {"name", "nodes", "edges", "defaults"}))
    document["name"] = draw(NAMES)
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    declared: Document = {}
    for name in names:
        declared[name] = draw(nodes(declared))
    document["nodes"] = declared
    wired = [draw(edges(declared, number)) for number in range(draw(st.integers(0, 3)))]
    document["edges"] = {f"e-{number}": edge for number, edge in enumerate(wired) if edge}
    if draw(st.integers(0, 3)) == 0:
        _template(declared, document, draw(st.sampled_from(names)), draw(st.sets(st.sampled_from(list(_TEMPLATED)))))
    if draw(st.booleans()):
        document["defaults"] = draw(_defaults())
    return document


_TEMPLATED = ("python", "command", "external", "replicas", "restart", "env", "args", "sockets")


def _template(declared: Document, document: Document, name: str, keys: set[str]) -> None:
    """Move some keys of a node to a template."""
    document["templates"] = {
        "base": {key: declared[name].pop(key) for key in _TEMPLATED if key in keys & set(declared[name])}
    }
    declared[name]["extends"] = "base"


def _defaults() -> Any_:
    edge = st.sampled_from([{}, {"transport": "tcp"}, {"pairing": "all"}])
    node = part(model.NodeBase, {"depends_on", "profiles"})
    return st.fixed_dictionaries({}, optional={"node": node, "edge": edge, "socket": _SOCKET_DEFAULTS})


@st.composite
def divided(draw: st.DrawFn) -> tuple[Document, Document, Document]:
    """A whole topology in three files: one, ``part.yaml``, which it includes, and one to be laid over both."""
    whole = draw(documents())
    includes = "part.yaml"
    included: Document = {"x-part": 1}
    for key in ("nodes", "edges"):
        moved = draw(st.lists(st.sampled_from(list(whole[key])), unique=True)) if whole[key] else []
        included[key] = {name: whole[key].pop(name) for name in moved}
    overlaid = draw(st.lists(st.sampled_from([*whole["nodes"], *included["nodes"]]), unique=True))
    over: Document = {"logs": draw(st.none() | part(model.Logs)), "nodes": {}}
    for name in overlaid:
        removed = draw(st.lists(st.sampled_from(["restart", "args", "env", "working_dir"]), min_size=1, unique=True))
        over["nodes"][name] = dict.fromkeys(removed) | {"profiles": ["dev"]}
    return {"include": draw(st.sampled_from([includes, [includes]])), **whole}, included, over


# ---- mutants: exactly one thing is wrong


def wrong(annotation: Any, metadata: Any = ()) -> list[Any]:
    """Values that a type of the model cannot be written as."""
    kind, known = bare(annotation, list(metadata))
    expected = next((each.text for each in known if isinstance(each, Expectation)), "")
    if expected in (DURATION, SIZE):
        return [5, "5 minutes", "10 MB", "-1s", {}, ["1s"], True, *(["0B"] if expected == SIZE else [])]
    if get_origin(kind) is Literal:
        return ["nonsense", 5, {"a": 1}]
    if get_origin(kind) is dict:
        return ["nonsense", 5, [{}]]
    if get_origin(kind) is tuple:
        return [{"a": 1}, [{}], [None], [["a"]]]
    if isinstance(kind, type) and issubclass(kind, StrictModel):
        return ["nonsense", 5, [1], {"nonsense": 1}]
    if kind in (int, float):
        high, low = [each + 1 for each in bounds(known, "le")], [each - 1 for each in bounds(known, "ge")]
        return ["many", True, {}, [1], *high, *low, *([1.5] if kind is int else [])]
    if kind is bool:
        return ["yes", 1, [], {}]
    return [{}, [{}]] if kind is str else []


WRONG: dict[str, list[Any]] = {
    "Node.python": ["feed.py", "feed", ":main", "1a:main", ["feed:main"], 5],
    "Node.command": [[], "", " ", {}, [None], [["a"]]],
    "Node.each": ["one", 5, ["a b"], {"a b": 1}, [["a"]], [None]],
    "Ready.command": [[], "", {}, [None]],
    "Live.command": [[], "", {}, [None]],
    "Ready.http": ["localhost", "ftp://localhost", {}],
    "Live.http": ["localhost", "ftp://localhost", {}],
    "Restart.max_attempts": ["many", "unlimitted", -1, 1.5, True],
    "Limits.memlock": ["all", 5, "5", [], True],
    "Limits.core": ["all", 5, "5", [], True],
    "NodeBase.depends_on": [5, ["a", 1], {"a": "sometime"}, [["a"]]],
    "NodeBase.env": [{"a=b": "c"}, {"A": []}, "A=b", ["A=b"]],
    "Edge.bind": ["feed", {}, 5, [["a.b"]], "feed.", ".ticks"],
    "Edge.connect": ["feed", {}, 5, [["a.b"]]],
    "Edge.endpoint": ["nowhere", "smtp://localhost:25", "tcp://", {}, 5],
    "Pairing.pairs": ["a", {}, [["a"]], [[1, 2, 3]], [1], [[[1], 2]]],
    "Topology.name": ["Big", "a b", "1a", "", [], {}],
    "Topology.version": [2, 0, "1.0", True],
    "Topology.nodes": [[], "a", {"Big": {"python": "a:b"}}, {"a": "python"}, {"a": 5}],
    "Topology.edges": [[], "a", {"Big": {"bind": "a.b", "connect": "c.d"}}, {"a": "a.b"}],
}
SOCKETS_WRONG: list[Any] = [
    "PUP",
    "pub",
    5,
    [],
    {"type": "PUP"},
    {"type": "SUB", "router_mandatory": True},
    {"type": "PUB", "subscribe": "a"},
    {"type": "PUB", "sndhmw": 5},
    {"type": "PUB", "curve_server": True},
    {"type": "PUB", "sndhwm": "many"},
    {"type": "PUB", "sndhwm": -1},
    {"type": "PUB", "sndhwm": 1.5},
    {"type": "PUB", "linger": "2 seconds"},
    {"type": "PUB", "sndbuf": "1s"},
    {"type": "PUB", "conflate": "perhaps"},
    {"type": "DEALER", "routing_id": ""},
    {"type": "DEALER", "routing_id": {"hex": "0"}},
    {"type": "DEALER", "routing_id": {"hex": "00", "oct": "1"}},
    {"type": "DEALER", "routing_id": ["a"]},
    {"type": "SUB", "subscribe": {"hex": "xx"}},
    {"type": "SUB", "subscribe": [None]},
    {"type": "SUB", "subscribe": [["a"]]},
    {"type": "SUB", "heartbeat_ttl": 6553600},
]
_PARTS = {
    key: kind
    for key, kind in ((key, bare(info.annotation, [])[0]) for key, info in model.NodeBase.model_fields.items())
    if isinstance(kind, type) and issubclass(kind, StrictModel)
}


@cache
def wrongs(kind: type[StrictModel]) -> list[tuple[str, Any]]:
    """Keys of a part with values that are wrong, and keys that it does not have."""
    found: list[tuple[str, Any]] = [("nonsense", 1), ("Name", "a")]
    for key, info in kind.model_fields.items():
        if key in OURS:
            continue
        names = [name for each in kind.__mro__ if (name := f"{each.__name__}.{key}") in WRONG]
        values = WRONG[names[0]] if names else wrong(info.annotation, info.metadata)
        if key in ("restart", "pairing", "ready"):
            values = [*values, "nonsens"]
        found += [(key, value) for value in values]
    return found


@st.composite
def mutants(draw: st.DrawFn) -> Document:
    """A topology in which one thing is wrong: a key, a type, a unit, a range, a word or an option."""
    document = copy.deepcopy(draw(documents()))
    place = draw(st.sampled_from(["topology", "node", "edge", "socket", "part", "defaults", "option defaults"]))
    if place == "topology":
        _set(document, draw(st.sampled_from(wrongs(model.Topology))))
    elif place == "edge":
        edge: Document = {"bind": "a.b", "connect": "c.d"}
        document["edges"] = {**document["edges"], "wrong": edge}
        _set(edge, draw(st.sampled_from(wrongs(model.Edge))))
    elif place == "defaults":
        document["defaults"] = {"node": dict([draw(st.sampled_from(wrongs(model.NodeBase)))])}
    elif place == "option defaults":
        bad = draw(
            st.sampled_from([each for each in SOCKETS_WRONG if isinstance(each, dict) and each["type"] != "PUP"])
        )
        document["defaults"] = {"socket": {bad["type"]: {key: each for key, each in bad.items() if key != "type"}}}
    else:
        node = document["nodes"][draw(st.sampled_from(list(document["nodes"])))]
        if place == "socket":
            node["sockets"] = {**node.get("sockets", {}), "wrong": draw(st.sampled_from(SOCKETS_WRONG))}
        elif place == "node":
            _set(node, draw(st.sampled_from(wrongs(model.Node))))
        else:
            key = draw(st.sampled_from(list(_PARTS)))
            node[key] = dict([draw(st.sampled_from(wrongs(_PARTS[key])))])
    return document


def _set(body: Document, item: tuple[str, Any]) -> None:
    body[item[0]] = item[1]


# ---- text


class _Dumper(yaml.SafeDumper):
    """Plain words as they are, every other text in quotes: PyYAML writes YAML 1.1, which has other scalars."""


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    plain = re.fullmatch(r"[a-z_]+", text) and text not in ("true", "false", "null")
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _text)
_Dumper.ignore_aliases = lambda self, data: True  # type: ignore[method-assign]


def as_yaml(document: Document) -> str:
    """Write a document as YAML 1.2 that reads as the same data."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**6)
