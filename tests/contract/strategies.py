"""Random values of the types of messages' fields, right ones and wrong ones."""

from __future__ import annotations

from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, is_typeddict

from hypothesis import strategies as st

from orchestrator.contract import codec

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=5),
    int: st.integers(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    NoneType: st.none(),
    Any: JSON,
}


@cache
def of(kind: Any) -> st.SearchStrategy[Any]:
    """Give values of a type: messages as they are made, all else as well."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind in SCALARS:
        return SCALARS[kind]
    if origin is Literal:
        return st.sampled_from(inner)
    if origin in (UnionType, Union):
        return st.one_of(map(of, inner))
    if origin is list:
        return st.lists(of(inner[0]), max_size=3)
    if origin is tuple and inner[1:] == (...,):
        return st.lists(of(inner[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(of, inner))
    if origin is dict:
        return st.dictionaries(st.text(max_size=4), of(inner[1]), max_size=3)
    return parts(kind)


@cache
def parts(kind: Any) -> st.SearchStrategy[Any]:
    """Give messages, or documents; those of a TypedDict without fields that need not be there, now and then."""
    fields = {name: of(each) for name, each in codec.types(kind).items()}
    if is_typeddict(kind):
        needed = {name: each for name, each in fields.items() if name in kind.__required_keys__}
        return st.fixed_dictionaries(needed, optional={name: fields[name] for name in fields.keys() - needed.keys()})
    return st.fixed_dictionaries(fields).map(lambda values: kind(**values))


def example(kind: Any) -> Any:
    """Give one message of a kind, with all its fields, and in each list and mapping one item; always the same."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind in EXAMPLES:
        return EXAMPLES[kind]
    if origin is Literal:
        return inner[0]
    if origin in (UnionType, Union):
        return example(inner[0])
    if origin is list:
        return [example(inner[0])]
    if origin is tuple:
        return tuple(example(each) for each in inner if each is not ...)
    if origin is dict:
        return {"name": example(inner[1])}
    values = {name: example(each) for name, each in codec.types(kind).items()}
    return values if is_typeddict(kind) else kind(**values)


EXAMPLES: dict[Any, Any] = {str: "text", int: 7, float: 0.5, bool: True, NoneType: None, Any: ["anything"]}
