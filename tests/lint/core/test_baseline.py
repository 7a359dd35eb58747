from __future__ import annotations

import json

import pytest

from orchestrator.lint.core.baseline import compare, dump, load
from orchestrator.topology.diagnostics.diagnostic import Diagnostic
from orchestrator.topology.diagnostics.fingerprint import fingerprint

ONE = Diagnostic("a.yaml", 3, 5, "nodes.bot", "wrong", code="Z101")
OTHER = Diagnostic("b.yaml", 1, 1, "edges.x", "wrong too", code="Z103", severity="warning")


def test_what_it_knows_is_left_out_wherever_the_lines_move() -> None:
    known = load(dump([ONE, OTHER]))
    compared = compare([ONE._replace(line=99, column=1), OTHER], known, {"a.yaml", "b.yaml"})
    assert (compared.new, compared.old, compared.stale) == ([], 2, [])


@pytest.mark.parametrize("change", [{"file": "c.yaml"}, {"code": "Z102"}, {"path": "nodes.book"}, {"message": "other"}])
def test_another_file_code_path_or_message_is_new(change: dict[str, str]) -> None:
    changed = ONE._replace(**change)  # type: ignore[arg-type]
    assert compare([changed], load(dump([ONE])), {"a.yaml", "c.yaml"}).new == [changed]
    assert fingerprint(changed) != fingerprint(ONE)
    assert fingerprint(ONE._replace(line=9)) == fingerprint(ONE)


def test_a_second_one_that_is_alike_is_new() -> None:
    again = ONE._replace(line=9)
    assert compare([ONE, again], load(dump([ONE])), {"a.yaml"}).new == [again]
    assert compare([ONE, again], load(dump([again, ONE])), {"a.yaml"}).new == []


def test_what_nobody_finds_is_stale_but_only_in_files_that_were_checked() -> None:
    known = load(dump([ONE, OTHER]))
    assert [key[:3] for key in compare([], known, {"a.yaml"}).stale] == [("a.yaml", "Z101", "nodes.bot")]


def test_files_are_named_as_the_baseline_names_them() -> None:
    known = load(dump([ONE], lambda file: f"deploy/{file}"))
    assert compare([ONE], known, {"a.yaml"}, lambda file: f"deploy/{file}").new == []
    assert compare([ONE], known, {"a.yaml"}).new == [ONE]


def test_the_text_is_the_same_in_any_order_and_holds_no_message() -> None:
    assert dump([ONE, OTHER]) == dump([OTHER, ONE])
    assert "wrong" not in dump([ONE])
    assert dump([ONE]).endswith("\n")


ENTRY = json.loads(dump([ONE]))["findings"][0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 100_000,
        '{"version": 2, "findings": []}',
        '{"version": 1}',
        '{"version": 1, "findings": {}}',
        '{"version": 1, "findings": [1]}',
        json.dumps({"version": 1, "findings": [ENTRY | {"count": 0}]}),
        json.dumps({"version": 1, "findings": [ENTRY | {"file": 1}]}),
        json.dumps({"version": 1, "findings": [{}]}),
    ],
)
def test_any_other_text_is_refused_in_a_line(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S") as caught:
        load(text)
    assert "\n" not in str(caught.value)
