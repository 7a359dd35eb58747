from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.contract import documents

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda part: st.lists(part) | st.dictionaries(st.text(), part),
)


@given(JSON)
def test_it_reads_as_what_it_was(document: Any) -> None:
    if isinstance(document, dict | list):
        assert json.loads(documents.text(document)) == document
        assert documents.text(document, escaped=True).isascii()


def test_each_part_has_a_line() -> None:
    document = {"mesh": "m", "files": ["a", "b"], "processes": [{"name": "x", "env": {}}, {"name": "y"}], "off": {}}
    assert documents.text(document).splitlines() == [
        "{",
        '  "mesh": "m",',
        '  "files": ["a", "b"],',
        '  "processes": [',
        '    {"name": "x", "env": {}},',
        '    {"name": "y"}',
        "  ],",
        '  "off": {}',
        "}",
    ]
    assert documents.text([{"mesh": "a"}, {"mesh": "b"}]) == '[\n  {"mesh": "a"},\n  {"mesh": "b"}\n]'
    assert documents.text([]) == "[]"
