from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from orchestrator.report.sarif import render
from orchestrator.topology.diagnostics.diagnostic import Diagnostic
from orchestrator.topology.parse.lines import lines, starts

from .findings import ALL, AWKWARD, ERROR, MENDED, NOTE, WARNING, WHOLE, checked

MODULES = Path(os.environ.get("ORCHESTRATOR_TEST_NODE_MODULES", Path(__file__).parents[1] / "programs/node_modules"))
SCHEMA = MODULES / "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"


def run(*findings: Diagnostic, root: str = "/work") -> dict[str, Any]:
    [run] = json.loads(render(checked(*findings), "1.2.3", root))["runs"]
    found: dict[str, Any] = run
    return found


@pytest.mark.parametrize("findings", [ALL, (), (AWKWARD,), (WHOLE,)])
def test_it_is_valid_against_the_schema(findings: tuple[Diagnostic, ...]) -> None:
    if not SCHEMA.is_file():
        pytest.skip(f"{SCHEMA}: the npm package @microsoft/jest-sarif is missing")
    document = json.loads(render(checked(*findings), "1.2.3", "/work"))
    Draft4Validator(json.loads(SCHEMA.read_text())).validate(document)


def test_the_tool_and_its_rules_with_help() -> None:
    driver = run(ERROR, WARNING, NOTE)["tool"]["driver"]
    assert (driver["name"], driver["semanticVersion"]) == ("orchestrator", "1.2.3")
    assert [rule["id"] for rule in driver["rules"]] == ["Z101", "Z103", "Z104"]
    rule = driver["rules"][0]
    assert rule["shortDescription"] == {"text": "Two cannot talk."}
    assert rule["fullDescription"] == {"text": "Two cannot talk. Why."}
    assert rule["help"]["markdown"] == (
        "**Two cannot talk.**\n\nWhy.\n\nBad:\n\n```yaml\na: 1\n```\n\nGood:\n\n```yaml\na: 2\n```\n\n"
    )
    assert [rule["defaultConfiguration"]["level"] for rule in driver["rules"]] == ["error", "warning", "note"]


def test_a_result_with_its_region_and_fingerprint() -> None:
    [result] = run(ERROR)["results"]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("Z101", 0, "error")
    assert result["message"]["text"] == "edges.x: SUB cannot talk to PULL\nexpected a PUSH\ndid you mean y?"
    [location] = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20b/t.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "startColumn": 5},
    }
    assert location["logicalLocations"] == [{"fullyQualifiedName": "edges.x"}]
    assert run(ERROR)["columnKind"] == "unicodeCodePoints"
    moved = Diagnostic(ERROR.file, 99, 1, ERROR.path, ERROR.message, code=ERROR.code)
    assert run(moved)["results"][0]["partialFingerprints"] == result["partialFingerprints"]


def test_a_problem_of_a_whole_file_has_no_region() -> None:
    [result] = run(WHOLE)["results"]
    assert "region" not in result["locations"][0]["physicalLocation"]


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("t.yaml", "t.yaml"),
        ("./deploy/../t.yaml", "t.yaml"),
        ("/work/deploy/t.yaml", "deploy/t.yaml"),
        ("ü,:%.yaml", "%C3%BC%2C%3A%25.yaml"),
        ("-", "-"),
    ],
)
def test_files_are_named_from_the_root(file: str, uri: str) -> None:
    [result] = run(Diagnostic(file, 1, 1, "", "wrong", code="Z101"))["results"]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": uri, "uriBaseId": "%SRCROOT%"}


def test_a_file_outside_of_the_root_has_its_whole_path() -> None:
    [result] = run(Diagnostic("../other.yaml", 1, 1, "", "wrong", code="Z101"), root="/a/b")["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///a/other.yaml"}


def test_what_mends_it_names_the_regions_that_go() -> None:
    text = "a\n  y: {}\r\n  z\nd\ne\nf\n ab\nh\nlast\n"
    [result] = run(MENDED)["results"]
    [fix] = result["fixes"]
    [change] = fix["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "t.yaml"
    begin = starts(text)
    gone = []
    for replacement in change["replacements"]:
        region = replacement["deletedRegion"]
        start = begin[region["startLine"] - 1] + region["startColumn"] - 1
        gone.append(text[start : begin[region["endLine"] - 1] + region["endColumn"] - 1])
    assert gone == [edit.old for edit in MENDED.edits]
    assert len(lines(text)) == 9
