"""Every message comes back as it was; what is none is refused by its name and its field, and by nothing else."""

import json
from contextlib import suppress
from dataclasses import MISSING, asdict, fields, is_dataclass
from typing import Any, Literal, is_typeddict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.contract import codec
from orchestrator.contract.codec import BadMessage, Part

from . import strategies
from .kinds import KINDS
from .page import PAGE, page
from .strategies import JSON

EVERY = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")


def plain(message: Any) -> Any:
    """Give what JSON makes of it."""
    return json.loads(json.dumps(message, default=lambda part: asdict(part) if is_dataclass(part) else vars(part)))


def needed(kind: Any) -> set[str]:
    if is_typeddict(kind):
        return {*kind.__required_keys__}
    if is_dataclass(kind):
        return {each.name for each in fields(kind) if each.default is each.default_factory is MISSING}
    return {*codec.types(kind)} - {*kind.optional()}


def read(kind: Any, data: object) -> Any:
    return codec.read(kind, kind.__name__.lower(), data)


@EVERY
def test_a_message_with_all_its_fields_comes_back_as_it_was(kind: Any) -> None:
    message = strategies.example(kind)
    assert read(kind, plain(message)) == message
    assert read(kind, {**plain(message), "not a field": 1}) == message


@EVERY
def test_each_field_that_is_missing_or_wrong_is_named(kind: Any) -> None:
    message, name_of_kind = plain(strategies.example(kind)), kind.__name__.lower()
    for name, of in codec.types(kind).items():
        left = {key: value for key, value in message.items() if key != name}
        if name in needed(kind):
            with pytest.raises(BadMessage) as bad:
                read(kind, left)
            assert str(bad.value) == f"{name_of_kind}: {name}: is missing"
        else:
            read(kind, left)
        if of is not Any:
            wrong: Any = [[]] if "dict" in str(of) else {"no": []}
            with pytest.raises(BadMessage) as bad:
                read(kind, {**message, name: wrong})
            assert str(bad.value).startswith((f"{name_of_kind}: {name}: ", f"{name_of_kind}: {name}."))
            assert "\n" not in str(bad.value)


@given(st.data())
def test_random_messages_come_back_as_they_were(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(KINDS))
    message = data.draw(strategies.parts(kind))
    more = data.draw(st.dictionaries(st.text().map(lambda text: f"not a field {text}"), JSON, max_size=3))
    assert read(kind, {**plain(message), **more}) == message


@given(st.data())
def test_a_random_value_in_the_place_of_a_field_is_read_or_refused_by_its_name(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([kind for kind in KINDS if codec.types(kind)]))
    name = data.draw(st.sampled_from([*codec.types(kind)]))
    try:
        read(kind, {**plain(strategies.example(kind)), name: data.draw(JSON)})
    except BadMessage as bad:
        said = str(bad)
    else:
        return
    assert said.startswith((f"{kind.__name__.lower()}: {name}: ", f"{kind.__name__.lower()}: {name}."))


@given(st.sampled_from(KINDS), JSON)
def test_whatever_comes_nothing_else_is_raised(kind: Any, data: object) -> None:
    with suppress(BadMessage):
        read(kind, data)


def test_numbers_are_no_truths_and_no_text() -> None:
    class Numbers(Part):
        whole: int = 0
        any: float = 0.0
        one: Literal[1] = 1

    for wrong in ({"whole": True}, {"whole": 1.0}, {"whole": "1"}, {"any": False}, {"any": "1"}, {"one": True}):
        with pytest.raises(BadMessage, match=f"^numbers: {next(iter(wrong))}: "):
            codec.decode(Numbers, wrong)
    assert codec.decode(Numbers, {"any": 2}) == Numbers(any=2.0)


class Inner(Part):
    text: str


class Outer(Part):
    several: tuple[Inner, ...] = ()
    named: dict[str, Inner] = {}  # noqa: RUF012 - a message does not change
    maybe: Inner | None = None


def test_a_part_that_is_wrong_is_named_with_the_way_to_it() -> None:
    for name, wrong in {"several": [{}], "named": {"a": {}}, "maybe": {}}.items():
        with pytest.raises(BadMessage, match=rf"^outer: {name}\.text: is missing$"):
            codec.decode(Outer, {name: wrong})


def test_a_message_is_made_of_its_fields_and_does_not_change() -> None:
    for values, named in (((), {}), (("a", "b"), {}), (("a",), {"other": 1}), ((), {"other": 1})):
        with pytest.raises(TypeError, match="Inner takes text"):
            Inner(*values, **named)  # type: ignore[misc]
    inner = Inner("a")
    with pytest.raises(AttributeError, match="frozen"):
        inner.text = "b"  # type: ignore[misc]
    assert codec.replace(inner, text="b") == Inner("b") != inner
    assert repr(inner) == "Inner(text='a')"


def test_messages_of_two_kinds_are_never_equal() -> None:
    class Go(Part):
        pass

    class Stay(Part):
        pass

    assert Go() == Go()
    assert Go() != Stay()


def test_a_union_of_documents_takes_either() -> None:
    assert codec.read(int | Inner, "what", 3) == 3
    assert codec.read(int | Inner, "what", {"text": "a"}) == Inner("a")
    with pytest.raises(BadMessage, match=r"^what: text: is missing$"):
        codec.read(int | Inner, "what", {})


def test_the_list_in_the_documentation_is_made_of_the_messages() -> None:
    assert PAGE.read_text() == page(), "python -m tests.contract.page writes it"
    assert all(f"### {kind.__name__}\n" in page() for kind in KINDS)
