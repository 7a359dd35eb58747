from __future__ import annotations

import json
import re
from collections import Counter
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
        ("env: {A: s3cret}  # note", "env: {A: ***}  # note"),
        (
            "b: {env: {A: 's3''}cret', B: [s3cret]}, sockets: {x: PUB}}",
            "b: {env: {A: ***, B: [***]}, sockets: {x: PUB}}",
        ),
        ("b: {stdin: s3cret, kind: job}", "b: {stdin: ***, kind: job}"),
        ('b: {"args":{"q": "s3\\"}cret"},"kind": job}', 'b: {"args":{"q": ***},"kind": job}'),
        ("env:\n  A: s3cret # s3cret\n  B: s3cret\nkind: job", "env:\n  A: ***\n  B: ***\nkind: job"),
        ("args:\n- s3cret\n- a: s3cret\nkind: job", "args:\n- ***\n- a: ***\nkind: job"),
        ("stdin: |\n  s3cret: x\n\n  s3cret\nkind: job", "stdin: ***\n  ***\n\n  ***\nkind: job"),
        ("env:\n  A: >-\n    s3cret: x\n  B: 1\nkind: job", "env:\n  A: ***\n    ***\n  B: ***\nkind: job"),
        ('env:\n  A: "s3\ncret: x"\n  B: 1\nkind: job', "env:\n  A: ***\n***\n  B: ***\nkind: job"),
        ("env:\n# s3cret\n  A: s3cret\nkind: job", "env:\n***\n  A: ***\nkind: job"),
        ("env: {A: s3cret,\n  B: s3cret}\nkind: job", "env: {A: ***,\n  B: ***}\nkind: job"),
        ("args:\n  {A: s3cret}\nkind: job", "args:\n  {A: ***}\nkind: job"),
        ("x-all: &all {A: s3cret}\nkind: job", "x-all: &all {A: ***}\nkind: job"),
        ("env: &all\n  A: s3cret\nkind: job", "env: &all\n  A: ***\nkind: job"),
        ("env:\nkind: job", "env:\nkind: job"),
        ("env_file: a\nnodes: {environment: x}", "env_file: a\nnodes: {environment: x}"),
        ("b: {env: {A: 's3cret", "b: {env: ***"),
        ("vars: {a: [s3cret", "vars: ***"),
        ("env: {token: s3cret, user: s3cret}", "env: {token: ***, user: ***}"),
        ("env: {'a b': s3cret, \"c\": s3cret, 'd' : s3cret}", "env: {***: ***, \"c\": ***, 'd' : ***}"),
        ("args: [--token, s3cret, {a: s3cret}, [s3cret]]", "args: [***, ***, {a: ***}, [***]]"),
        ("env: [TOKEN=s3cret]", "env: [***]"),
        ("env: {TOKEN=s3cret, TOKEN:s3cret, a: b=s3cret}", "env: {***, ***, a: ***}"),
        ("env: {a: &s3cret s3cret, b: *s3cret, c: !!str s3cret}", "env: {a: ***, b: ***, c: ***}"),
        ("env: {a: s3cret  # s3cret\n  , b: {}, c: , d: s3cret }", "env: {a: ***  ***\n  , b: {}, c: , d: *** }"),
        ("env:\n  A: {token: s3cret} # s3cret\n  B: s3cret", "env:\n  A: {token: ***} ***\n  B: ***"),
        (
            "args:\n  - {token: s3cret,\n     more: [s3cret,\n s3cret]}\n",
            "args:\n  - {token: ***,\n     more: [***,\n ***]}\n",
        ),
        (
            "args:\n- a: s3cret\n  b: s3cret\n   s3cret: x\n- 'c': s3cret",
            "args:\n- a: ***\n  b: ***\n   ***\n- 'c': ***",
        ),
        ("env:\n  'a': s3cret\n  b: s3cret", "env:\n  'a': ***\n  b: ***"),
        ("env:\n  'a b': |\n    s3cret: x\n  b: s3cret", "env:\n  ***\n    ***\n  b: ***"),
        ("env:\n{a: s3cret}", "env:\n{a: ***}"),
        # Where it is not plain what is a key, all is hidden: a comma or a bracket is missing, or a key is no word.
        ("env: {a: s3cret b: s3cret}", "env: ***"),
        ("env: {a: s3cret: s3cret}", "env: ***"),
        ("env: {a: s3cret]}", "env: ***}"),
        ("env: {a: s3cret {b: s3cret}}", "env: ***"),
        ("env: {{s3cret: s3cret}: s3cret}", "env: ***"),
        ("env: {[s3cret]: s3cret}", "env: ***"),
        ("args: [a: s3cret]", "args: ***"),
        ("args: [--config={token: s3cret}]", "args: ***"),
        ('env: {a: "s3cret" s3cret: b}', "env: ***"),
        ("a: b\r\nvars:\r\n  c: s3cret\r\nd: e\r\n", "a: b\r\nvars:\r\n  c: ***\r\nd: e\r\n"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert re.sub(r"&all \*\*\*", "***", hidden(text)) == shown


@pytest.mark.parametrize(
    ("column", "moved"),
    [(0, 0), (5, 5), (6, 6), (10, 10), (15, 10), (16, 13), (17, 14), (20, 17)],
)
def test_a_place_moves_with_what_stands_before_it(column: int, moved: int) -> None:
    line = "{env: {A: s3cret}, b: 1}"
    assert masked(line, secrets(line), 0, len(line), column) == ("{env: {A: ***}, b: 1}", moved)


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


KEYS = st.sampled_from(["token", "a-b", "x.y", "U_1", "7"])
VALUES = st.recursive(
    st.builds(lambda before, after: f"{before}{SECRET}{after}", *[st.text("a: {}[],'\"#\n-|>&*%é", max_size=6)] * 2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, min_size=1, max_size=3),
    max_leaves=6,
)

HOLDERS = st.lists(VALUES, max_size=3) | st.dictionaries(KEYS, VALUES, max_size=3)


def keys(value: Any) -> list[str]:
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [*(value if isinstance(value, dict) else ()), *(key for each in below for key in keys(each))]


@given(
    st.dictionaries(st.sampled_from(["env", "args", "vars", "x-all"]), HOLDERS, min_size=1),
    st.sampled_from([True, False, None, "JSON"]),
    st.sampled_from([2, 4]),
    st.sampled_from([20, 80, 1000]),
)
def test_every_key_is_shown_and_no_value(
    data: dict[str, Any], flow: bool | str | None, indent: int, width: int
) -> None:
    if flow == "JSON":
        text = json.dumps({"nodes": {"a": data}}, indent=indent)
    else:
        text = yaml.safe_dump({"nodes": {"a": data}}, default_flow_style=flow, indent=indent, width=width)
    shown = hidden(text)
    assert SECRET not in shown
    words = re.findall(r"[\w.-]+(?=['\"]?\s*:)", shown)
    assert Counter(keys(data)) <= Counter(words)


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
