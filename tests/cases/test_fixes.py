"""Files that a fix must not make worse, and words that are no slips."""

from __future__ import annotations

from collections.abc import Callable

from tests.cases.conftest import Case


def test_words_of_another_system_are_not_renamed(case: Callable[..., Case]) -> None:
    here = case("fix-foreign-words")
    before = (here.folder / "topology.yaml").read_bytes()
    assert here("validate", "--diff").out == ""
    done = here("validate", "--fix")
    assert (done.status, done.err.splitlines()[0]) == (1, "nothing to mend")
    assert (here.folder / "topology.yaml").read_bytes() == before


def test_a_key_is_not_written_where_it_stands_already(case: Callable[..., Case]) -> None:
    here = case("fix-makes-a-key-twice")
    before = (here.folder / "topology.yaml").read_bytes()
    found = here.json("validate", "--offline")["findings"]
    done = here("validate", "--offline", "--fix")
    assert (done.status, done.err.splitlines()[0]) == (1, "nothing to mend")
    assert (here.folder / "topology.yaml").read_bytes() == before
    assert not any(each["fixable"] for each in found)
    assert here.json("validate", "--offline")["findings"] == found
