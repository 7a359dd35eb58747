from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.project.errors import UsageError
from orchestrator.project.settings import Settings, find_settings


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "deep/er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep/er")
    return tmp_path


def test_the_nearest_file_that_has_the_table(here: Path) -> None:
    (here / "pyproject.toml").write_text(
        '[tool.orchestrator]\npaths = ["deploy", "deep/*"]\nselect = ["Z"]\nignore = ["Z118"]\nstrict = true\n'
    )
    (here / "deep/pyproject.toml").write_text('[project]\nname = "other"\n')
    assert find_settings() == Settings(
        "../../pyproject.toml", ("../../deploy", "../../deep/*"), ("Z",), ("Z118",), True, str(here)
    )
    (here / "deep/er/pyproject.toml").write_text("[tool.orchestrator]\n")
    assert find_settings() == Settings("pyproject.toml", root=str(here / "deep/er"))


def test_without_one_there_are_no_settings(here: Path) -> None:
    (here / "pyproject.toml").write_text('[project]\nname = "orchestrator"\n[tool.other]\nx = 1\n')
    assert find_settings() == Settings()


def test_what_others_have_wrong_is_none_of_our_business(here: Path) -> None:
    (here / "pyproject.toml").write_text("this is no TOML")
    assert find_settings() == Settings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.orchestrator\n", "pyproject.toml: not TOML: .*at line 1, column 19"),
        ("[tool.orchestrator]\nx = \xff", "pyproject.toml: not TOML: "),
        ("tool.orchestrator = 1\n", "pyproject.toml: tool.orchestrator: expected a table"),
        ("[tool.orchestrator]\nignored = []\n", "tool.orchestrator.ignored: no such key; did you mean ignore"),
        (
            "[tool.orchestrator]\nq = 1\n",
            "q: no such key; known: paths, select, ignore, strict, baseline",
        ),
        ('[tool.orchestrator]\npaths = "deploy"\n', "tool.orchestrator.paths: expected a list of texts"),
        ("[tool.orchestrator]\nselect = [1]\n", "tool.orchestrator.select: expected a list of texts"),
        ("[tool.orchestrator]\nbaseline = 1\n", "tool.orchestrator.baseline: expected a text"),
        ('[tool.orchestrator]\nbaseline = "../b.json"\n', "tool.orchestrator.baseline: ../b.json lies outside of the"),
        ("[tool.orchestrator]\nstrict = 1\n", "tool.orchestrator.strict: expected true or false"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(here: Path, text: str, said: str) -> None:
    (here / "deep/er/pyproject.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=said) as caught:
        find_settings()
    assert "\n" not in str(caught.value)
