from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.report.github import render
from orchestrator.topology.diagnostics.diagnostic import Diagnostic

from .findings import AWKWARD, ERROR, NOTE, WARNING, WHOLE, checked


def test_commands() -> None:
    assert render(checked(ERROR, WARNING, NOTE, WHOLE)).splitlines() == [
        "::error file=a b/t.yaml,line=3,col=5,title=Z101 incompatible-sockets"
        "::edges.x: SUB cannot talk to PULL%0Aexpected a PUSH%0Adid you mean y?",
        "::warning file=t.yaml,line=4,col=1,title=Z103 unwired-socket::nodes.bot: bot.x is on no edge",
        "::notice file=t.yaml,line=5,col=1,title=Z104 isolated-node::nodes.bot: bot has no edge",
        "::error file=gone.yaml,title=S001::cannot be read",
    ]


def test_what_must_be_escaped() -> None:
    line = render(checked(AWKWARD))
    assert line.startswith("::error file=ü%2C%3A%25%0A<&>\"'.yaml,line=1,col=2,title=Z101 incompatible-sockets::")
    assert "100%25 <" in line
    assert "%0D%0Asecond: line, " in line
    assert "\n" not in line


COMMAND = re.compile(r"::error file=([^,:\r\n]+)(?:,line=\d+,col=\d+)?(?:,title=([^,:\r\n]+))?::([^\r\n]*)")


@given(st.text(min_size=1), st.text(), st.text(min_size=1, alphabet="SZ%,:\n09"))
def test_the_parts_come_back_as_a_runner_reads_them(file: str, message: str, code: str) -> None:
    found = COMMAND.fullmatch(render(checked(Diagnostic(file, 1, 1, "", message, code=code))))
    assert found is not None
    assert tuple(map(unescaped, found.groups(""))) == (file, code.strip(), message)


def unescaped(text: str) -> str:
    for sign in "\r\n:,":
        text = text.replace(f"%{ord(sign):02X}", sign)
    return text.replace("%25", "%")
