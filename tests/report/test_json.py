from __future__ import annotations

import json

from orchestrator.report.json import render, statistics

from .findings import ALL, ERROR, MENDED, checked


def test_a_finding_with_all_that_is_known_of_it() -> None:
    document = json.loads(render(checked(ERROR)))
    assert document["version"] == 1
    [finding] = document["findings"]
    assert len(finding.pop("fingerprint")) == 32
    assert finding == {
        "file": "a b/t.yaml",
        "line": 3,
        "column": 5,
        "code": "Z101",
        "name": "incompatible-sockets",
        "severity": "error",
        "path": "edges.x",
        "message": "SUB cannot talk to PULL",
        "expected": "a PUSH",
        "suggestion": "did you mean y?",
        "origin": "",
        "fixable": False,
    }


def test_all_are_there_in_order_and_the_text_is_stable() -> None:
    text = render(checked(*ALL))
    assert text == render(checked(*ALL))
    assert text.isascii()
    assert [finding["message"] for finding in json.loads(text)["findings"]] == [each.message for each in ALL]


def test_what_can_be_mended() -> None:
    assert json.loads(render(checked(MENDED)))["findings"][0]["fixable"] is True


def test_nothing_found_is_an_empty_list() -> None:
    assert json.loads(render(checked())) == {"version": 1, "findings": []}


def test_statistics() -> None:
    assert json.loads(statistics(checked(*ALL)))["statistics"][-2:] == [
        {"code": "Z103", "name": "unwired-socket", "count": 2},
        {"code": "Z104", "name": "isolated-node", "count": 1},
    ]
