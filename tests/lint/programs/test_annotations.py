"""Which values are of the type that an annotation says, and which annotations say nothing."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.lint.programs.annotations import fits
from orchestrator.lint.programs.module import Module


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        ("int", 1),
        ("float", 1),
        ("float", 1.5),
        ("str", "x"),
        ("bool", True),
        ("list", [1]),
        ("list[int]", [1, 2]),
        ("Sequence[str]", ["a"]),
        ("dict[str, float]", {"a": 1}),
        ("int | None", 1),
        ("Optional[int]", 1),
        ("typing.Union[int, str]", "x"),
        ("Literal['a', 'b']", "b"),
        ("'int'", 1),
        ("int", None),
        ("Path", "x"),
        ("tuple[int, int]", [1, 2]),
        ("Any", {}),
        ("some.Thing", 1),
        ("not python", 1),
    ],
)
def test_it_fits(annotation: str, value: Any) -> None:
    assert fits(value, annotation)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        ("int", "1"),
        ("int", 1.5),
        ("int", True),
        ("float", "5s"),
        ("float", False),
        ("str", 5),
        ("bool", 1),
        ("list", "ab"),
        ("list[int]", ["a"]),
        ("dict[str, float]", {"a": "x"}),
        ("dict", []),
        ("int | None", "x"),
        ("Optional[int]", "x"),
        ("Literal['a', 'b']", "c"),
        ("'int'", "x"),
    ],
)
def test_it_does_not(annotation: str, value: Any) -> None:
    assert not fits(value, annotation)


def test_a_name_that_the_module_gives_another_meaning_says_nothing() -> None:
    read = Module("from numpy import int\nfrom typing import Literal\nclass float: ...\n")
    assert read.rebinds("int")
    assert read.rebinds("list[float]")
    assert not read.rebinds("Literal['a'] | str")


def test_annotations_are_read_of_functions_and_classes() -> None:
    text = "def main(node: Node, a, /, b: int, *, c: 'float' = 1, d=2): ...\n"
    text += "class Bot:\n    def __init__(self, node, rate: float): ...\n"
    read = Module(text)
    main, bot = read.signature("main"), read.signature("Bot")
    assert main is not None
    assert main.annotations == (("b", "int"), ("c", "'float'"))
    assert bot is not None
    assert bot.annotations == (("rate", "float"),)
