from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.report.junit import render
from orchestrator.topology.diagnostics.diagnostic import Diagnostic

from .findings import ALL, ERROR, NOTE, WARNING, checked


def test_a_suite_for_each_file_and_a_case_for_each_finding() -> None:
    root = ElementTree.fromstring(render(checked(ERROR, WARNING, NOTE)).encode())
    assert root.attrib == {"name": "orchestrator validate", "tests": "4", "failures": "1", "errors": "0"}
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in root] == [
        ("clean.yaml", "1", "0"),
        ("t.yaml", "2", "0"),
        ("a b/t.yaml", "1", "1"),
    ]
    [failure] = root.iter("failure")
    assert failure.attrib == {"message": "edges.x: SUB cannot talk to PULL", "type": "error"}
    assert failure.text == "a b/t.yaml:3:5: edges.x: SUB cannot talk to PULL\nexpected a PUSH\ndid you mean y?"
    assert [case.get("name") for case in root.iter("testcase")][:2] == ["valid", "Z103 unwired-socket line 4"]


def test_warnings_fail_when_they_are_to_fail() -> None:
    assert 'failures="2"' in render(checked(ERROR, WARNING, NOTE, strict=True)).splitlines()[1]


def test_the_counts_are_those_of_the_cases() -> None:
    root = ElementTree.fromstring(render(checked(*ALL)).encode())
    assert int(root.get("tests", 0)) == len(list(root.iter("testcase"))) == len(ALL) + 1
    assert int(root.get("failures", 0)) == len(list(root.iter("failure")))


@given(st.text(), st.text(), st.text())
def test_any_text_gives_well_formed_xml(file: str, message: str, path: str) -> None:
    text = render(checked(Diagnostic(file, 1, 1, path, message, code="Z101")))
    root = ElementTree.fromstring(text.encode())
    if message.isprintable() and not message.isspace() and message.isascii():
        [failure] = root.iter("failure")
        assert message in (failure.get("message") or "")
