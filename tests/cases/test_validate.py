"""What ``validate`` says of files from public reports."""

from __future__ import annotations

from collections.abc import Callable

from tests.cases.conftest import Case


def test_who_waits_for_what_is_started_by_hand_is_told(case: Callable[..., Case]) -> None:
    done = case("waits-for-manual")("validate")
    assert "warning[Z614] nodes.test.depends_on.trial: test cannot start before trial is started by hand" in done.out


def test_words_of_other_launchers_have_an_answer(case: Callable[..., Case]) -> None:
    done = case("words-of-others")("validate")
    assert done.status == 1
    assert "write `stop: {grace: 10s}`, or `ready: {within: 60s}`" in done.out
    assert "write `command: [bash, -c, ...]`" in done.out
