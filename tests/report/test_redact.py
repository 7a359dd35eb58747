from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.report.redact import STARS, hidden, masked, secrets

SECRET = "s3cret"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("env: {A: s3cret}  # note", "env: ***  # note"),
        ("b: {env: {A: 's3''}cret', B: [s3cret]}, sockets: {x: PUB}}", "b: {env: ***, sockets: {x: PUB}}"),
        ("b: {stdin: s3cret, kind: job}", "b: {stdin: ***, kind: job}"),
        ('b: {"args":{"q": "s3\\"}cret"},"kind": job}', 'b: {"args":***,"kind": job}'),
        ("env:\n  A: s3cret # s3cret\n  B: s3cret\nkind: job", "env:\n  A: ***\n  B: ***\nkind: job"),
        ("args:\n- s3cret\n- a: s3cret\nkind: job", "args:\n- ***\n- a: ***\nkind: job"),
        ("stdin: |\n  s3cret: x\n\n  s3cret\nkind: job", "stdin: ***\n  ***\n\n  ***\nkind: job"),
        ("env:\n  A: >-\n    s3cret: x\n  B: 1\nkind: job", "env:\n  A: ***\n    ***\n  B: ***\nkind: job"),
        ('env:\n  A: "s3\ncret: x"\n  B: 1\nkind: job', "env:\n  A: ***\n***\n  B: ***\nkind: job"),
        ("env:\n# s3cret\n  A: s3cret\nkind: job", "env:\n***\n  A: ***\nkind: job"),
        ("env: {A: s3cret,\n  B: s3cret}\nkind: job", "env: ***\n  ***\nkind: job"),
        ("args:\n  {A: s3cret}\nkind: job", "args:\n  ***\nkind: job"),
        ("x-all: &all {A: s3cret}\nkind: job", "x-all: ***\nkind: job"),
        ("env: &all\n  A: s3cret\nkind: job", "env: &all\n  A: ***\nkind: job"),
        ("env:\nkind: job", "env:\nkind: job"),
        ("env_file: a\nnodes: {environment: x}", "env_file: a\nnodes: {environment: x}"),
        ("b: {env: {A: 's3cret", "b: {env: ***"),
        ("vars: {a: [s3cret", "vars: ***"),
        ("a: b\r\nvars:\r\n  c: s3cret\r\nd: e\r\n", "a: b\r\nvars:\r\n  c: ***\r\nd: e\r\n"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert re.sub(r"&all \*\*\*", "***", hidden(text)) == shown


@pytest.mark.parametrize(
    ("column", "moved"),
    [(0, 0), (5, 5), (6, 6), (10, 6), (16, 6), (17, 9), (20, 12)],
)
def test_a_place_moves_with_what_stands_before_it(column: int, moved: int) -> None:
    line = "{env: {A: s3cret}, b: 1}"
    assert masked(line, secrets(line), 0, len(line), column) == ("{env: ***, b: 1}", moved)


PLAIN = st.text("ab 1", min_size=1, max_size=5)
HIDDEN = st.recursive(
    st.builds(lambda before, after: f"{before}{SECRET}{after}", *[st.text("a: {}[],'\"#\n-|>&*%é", max_size=6)] * 2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ABCD"), inner, max_size=3),
    max_leaves=5,
)
NODE = st.fixed_dictionaries(
    {"python": PLAIN},
    optional={
        "env": st.dictionaries(st.sampled_from("ABCD"), HIDDEN, max_size=3),
        "args": HIDDEN,
        "stdin": HIDDEN,
        "sockets": st.dictionaries(st.sampled_from(["x", "y"]), PLAIN, max_size=2),
        "kind": PLAIN,
    },
)
FILE = st.fixed_dictionaries(
    {"nodes": st.dictionaries(st.sampled_from(["feed", "bot", "book"]), NODE, min_size=1)},
    optional={"vars": HIDDEN, "edges": PLAIN, "x-more": HIDDEN},
)


@given(
    FILE, st.sampled_from([True, False, None]), st.sampled_from([2, 4]), st.sampled_from([20, 80, 1000]), st.booleans()
)
def test_no_secret_is_shown_however_the_file_is_written(
    data: dict[str, Any], flow: bool | None, indent: int, width: int, unicode: bool
) -> None:
    text = yaml.safe_dump(
        data, default_flow_style=flow, indent=indent, width=width, allow_unicode=unicode, sort_keys=False
    )
    assert SECRET not in hidden(text)


@given(FILE, st.sampled_from([None, 0, 2]))
def test_no_secret_is_shown_of_json(data: dict[str, Any], indent: int | None) -> None:
    assert SECRET not in hidden(json.dumps(data, indent=indent))


@given(FILE, st.data())
def test_no_secret_is_shown_of_a_file_that_ends_early(data: dict[str, Any], draw: st.DataObject) -> None:
    text = yaml.safe_dump(data, default_flow_style=draw.draw(st.booleans()))
    assert SECRET not in hidden(text[: draw.draw(st.integers(0, len(text)))])


@given(st.text("aenv:{}[]'\"\n #-|x", max_size=40))
def test_any_text_keeps_its_lines(text: str) -> None:
    assert hidden(text).count("\n") == text.count("\n")
    spans = secrets(text)
    assert spans == sorted(spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert STARS in hidden(text) or not any(text[start:end].strip() for start, end in spans)
