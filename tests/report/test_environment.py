"""Variables as a shell reads them."""

from __future__ import annotations

import subprocess

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.report.environment import lines


def test_what_no_shell_can_set_is_a_comment_as_is_what_is_not_shown() -> None:
    assert list(lines({"A": "b c", "a.b": "1"}, {"x.env": ["KEY", "WORD"], "y.env": []})) == [
        "A='b c'",
        "# a.b=1",
        "# from x.env, not printed: KEY, WORD",
        "# from y.env, not printed: nothing",
    ]


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_shell_reads_the_value_back(value: str) -> None:
    script = "\n".join([*lines({"A": value}, {}), 'printf %s "$A"'])
    assert subprocess.run(["sh", "-c", script], capture_output=True, check=True).stdout.decode() == value
