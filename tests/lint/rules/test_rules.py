"""Every rule, by the examples of its own documentation: it fires on the bad one, where it says, and not on the good."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from textwrap import dedent

import pytest

from orchestrator.lint.__main__ import page
from orchestrator.lint.codes import CODES
from orchestrator.lint.core.registry import Rule
from orchestrator.lint.core.suppress import suppress
from orchestrator.lint.docs import TOPOLOGY, read
from orchestrator.lint.rules import GROUPS, RULES
from tests.lint.examples import findings

ROOT = Path(__file__).parents[3]

BY_COMMENTS = {"Z001", "Z213"}
"""Rules that are told after all others: of comments, and of several meshes."""

MILD = {"Z403", "Z411"}
"""Rules whose errors the schema tells; what is left for them is a warning."""

FIXES_ELSEWHERE = {"Z106", "Z602"}
"""Rules whose fix is one of other cases than the bad example: an edge that stands twice, a module of a near name."""

CHECKED = [rule for rule in RULES.values() if rule.code not in BY_COMMENTS]


def named(rule: Rule) -> str:
    return f"{rule.code}-{rule.name}"


@pytest.mark.parametrize("rule", CHECKED, ids=named)
def test_it_fires_on_the_bad_example_at_the_place_it_names(rule: Rule, tmp_path: Path) -> None:
    files = read(rule.about).bad
    marked = [number for number, line in enumerate(files[TOPOLOGY].splitlines(), 1) if f"# {rule.code}" in line]
    severity = "warning" if rule.code in MILD else rule.severity
    found = [each for each in findings(files, tmp_path) if (each.code, each.severity) == (rule.code, severity)]
    assert [each.line for each in found] == marked
    assert len(marked) == 1


@pytest.mark.parametrize("rule", CHECKED, ids=named)
def test_it_is_silent_on_the_good_example(rule: Rule, tmp_path: Path) -> None:
    files = read(rule.about).good
    found = findings(files, tmp_path)
    assert [each for each in found if each.code == rule.code] == []


@pytest.mark.parametrize("rule", RULES.values(), ids=named)
def test_no_other_rule_has_an_error_or_a_warning_for_the_good_example(rule: Rule, tmp_path: Path) -> None:
    found = findings(read(rule.about).good, tmp_path)
    assert [str(each) for each in found if each.severity != "info"] == []


@pytest.mark.parametrize("rule", RULES.values(), ids=named)
def test_it_is_documented(rule: Rule) -> None:
    document = read(rule.about)
    assert len(document.text) > 20
    assert len(document.why) > 20
    assert document.bad
    assert document.good
    assert document.source
    assert re.fullmatch(r"Z[0-6]\d\d", rule.code)


@pytest.mark.parametrize("rule", CHECKED, ids=named)
def test_it_says_how_its_fix_is_safe_where_it_has_one(rule: Rule, tmp_path: Path) -> None:
    document = read(rule.about)
    mended = [each for each in findings(document.bad, tmp_path) if each.code == rule.code and each.fix is not None]
    assert document.fix or not mended
    assert bool(mended) or not document.fix or rule.code in FIXES_ELSEWHERE


def test_the_page_is_made_of_the_rules() -> None:
    assert (ROOT / "docs/reference/rules.md").read_text() == page(), (
        "run: python -m orchestrator.lint > docs/reference/rules.md"
    )


@pytest.mark.parametrize("good", [False, True])
def test_a_comment_that_silences_nothing_is_told(good: bool, tmp_path: Path) -> None:
    document = read(RULES["Z001"].about)
    files = document.good if good else document.bad
    found = findings(files, tmp_path)
    kept = suppress(found, {str(tmp_path / TOPOLOGY): files[TOPOLOGY]}, CODES, lambda file, code: True)
    lines = [number for number, line in enumerate(files[TOPOLOGY].splitlines(), 1) if "lint: ignore" in line]
    assert [each.line for each in kept if each.code == "Z001"] == lines
    assert bool(lines) != good


RULES_FOLDER = ROOT / "orchestrator/lint/rules"
FILES = sorted(file for file in RULES_FOLDER.rglob("*.py") if "@rule(" in file.read_text())


def test_every_file_of_rules_is_known_to_its_group_and_short() -> None:
    known = {f"{group.__name__}.{name}" for group in GROUPS for name in group.__all__}
    assert {".".join(file.relative_to(ROOT).with_suffix("").parts) for file in FILES} == known
    assert {file.name: count for file in FILES if (count := len(file.read_text().splitlines())) > 250} == {}


@pytest.mark.parametrize("rule", RULES.values(), ids=named)
def test_a_rule_names_only_what_it_looks_at(rule: Rule) -> None:
    code = rule.check.__code__
    taken = set(code.co_varnames[: code.co_argcount])
    tree = ast.parse(dedent(inspect.getsource(rule.check)))
    assert taken <= {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
    assert taken <= {"index", "facts"}
