"""What of a process's environment is not shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.client.process_environment import hidden
from orchestrator.project.errors import UsageError


def test_of_a_file_only_the_names_are_told_and_only_those_that_count(tmp_path: Path) -> None:
    one, other = tmp_path / "one.env", tmp_path / "other.env"
    one.write_text("SECRET=hunter2\nWORD=hidden\n")
    other.write_text("WORD=again\n")
    found = hidden([str(one), str(other)], {"WORD": "from the topology"})
    assert found == {str(one): ["SECRET"], str(other): []}


def test_a_file_that_cannot_be_read_as_one_is_a_usage_error(tmp_path: Path) -> None:
    bad = tmp_path / "bad.env"
    bad.write_text("SECRET=hunter2\nhunter2\n")
    with pytest.raises(UsageError, match=r"bad\.env:2: no '='") as raised:
        hidden([str(bad)], {})
    assert "hunter2" not in str(raised.value)
