from __future__ import annotations

from pathlib import Path

from orchestrator.contract import private


def test_what_is_replaced_is_for_its_user_alone_and_leaves_nothing_beside(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    for content in (b"old", b"new"):
        private.replace(file, content)
        assert file.read_bytes() == content
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]
