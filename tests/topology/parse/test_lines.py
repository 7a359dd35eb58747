from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.topology.parse.document import read
from orchestrator.topology.parse.lines import BOM, bare, lines, starts

BREAKS = ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"]


@given(
    st.lists(st.tuples(st.text("aé😀 ", max_size=5), st.sampled_from(BREAKS)), max_size=8), st.text("xé", max_size=3)
)
def test_lines_make_the_text_again_and_start_where_they_stand(parts: list[tuple[str, str]], rest: str) -> None:
    text = "".join(map("".join, parts)) + rest
    assert "".join(lines(text)) == text
    begin = starts(text)
    assert len(begin) == len(lines(text)) + (not rest)
    for start, line in zip(begin, lines(text), strict=False):
        assert text.startswith(line, start)
        assert bare(line) in line
    assert [start + len(BOM) for start in begin] == [starts(BOM + text)[0], *starts(BOM + text)[1:]]


@given(st.lists(st.tuples(st.sampled_from(["# é", "", "  # x"]), st.sampled_from(BREAKS)), max_size=6))
def test_libyaml_counts_the_same_lines(parts: list[tuple[str, str]]) -> None:
    text = "".join(map("".join, parts)) + "é😀: {key: 1}\n"
    place = read(text.encode(), "f").where(("é😀", "key"))
    start = starts(text)[place.line - 1] + place.column - 1
    assert text[start:].startswith("key")
