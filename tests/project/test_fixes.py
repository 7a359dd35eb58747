"""``--fix`` in memory: what is tried, what is kept, and that no file is ever worse for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.lint.core.registry import RuleHit
from orchestrator.project.errors import UsageError
from orchestrator.project.examine import Examined, Wanted, examine
from orchestrator.project.fixes import Change, Mended, diff, mend, write
from orchestrator.topology.collector import Diagnostics
from orchestrator.topology.diagnostics.diagnostic import Diagnostic
from tests.topology.test_fixes import ENDS, SLIPS, swapped

WANT = Wanted(name="mesh", offline=True)
EVERYTHING = """\
name: mesh
vars: {rate: 100}
templates:
  base: {command: x, restart: {policy: always, delay: 1s}}
defaults:
  node: {stop: {grace: 2s}}
  socket: {linger: 1s}
nodes:
  feed: {extends: base, sockets: {ticks: {type: PUB, sndhwm: 5, "linger": 0}, orders: PUSH}}
  bot:
    python: bot:main
    args: {speed: 1, size: "${rate}"}
    replicas: 3
    ready: {log: up, within: 5s}
    depends_on: [feed, book]
    sockets: {ticks: {type: SUB, subscribe: ""}, orders: &push {type: PUSH, linger: -1}}
  book: {command: y, kind: job, env: {A: b}, limits: {memory: 1GiB}, sockets: {orders: PULL, more: *push}}
edges:
  ticks: {bind: feed.ticks, connect: bot.ticks}
  orders:
    bind: book.orders
    connect: [bot.orders, feed.orders]
  # the same
  again:
    bind: book.orders
    connect: [bot.orders, feed.orders]
"""


def look(text: str, instead: Mapping[str, bytes] | None = None) -> Examined:
    return examine([["-"]], WANT._replace(instead=instead or {}), text.encode())


def mended(text: str) -> Mended:
    return mend(look(text), lambda instead: look(text, instead))


def errors(found: Examined) -> Counter[tuple[str, str]]:
    return Counter((each.code, each.path) for each in found.findings if each.severity == "error")


@given(st.data())
def test_no_file_is_worse_for_it(data: st.DataObject) -> None:
    text = EVERYTHING.replace("\n", data.draw(st.sampled_from(["\n", "\r\n"])))
    for _ in range(data.draw(st.integers(1, 6))):
        text = _mutated(text, data)
    before, done = look(text), mended(text)
    assert errors(done.found) <= errors(before)
    after = done.changes[0].new if done.changes else text
    assert errors(look(after)) == errors(done.found)
    assert bool(done.count) == (after != text)


def _mutated(text: str, data: st.DataObject) -> str:
    """Give a text with a slip in a word, a word in another's place, or a line twice with a slip in one of them."""
    lines = text.splitlines(keepends=True)
    number = data.draw(st.integers(0, len(lines) - 1))
    letters = [at for at, letter in enumerate(lines[number]) if letter.isalpha()]
    if not letters:
        return text
    at = data.draw(st.sampled_from(letters))
    line = lines[number]
    how = data.draw(st.sampled_from(["less", "more", "other", "swap"]))
    new = {
        "less": line[:at] + line[at + 1 :],
        "more": line[:at] + "s" + line[at:],
        "other": line[:at] + "e" + line[at + 1 :],
        "swap": line[:at] + line[at + 1 : at + 2] + line[at] + line[at + 2 :],
    }[how]
    twice = data.draw(st.booleans()) and ("{" in line or ":" in line)
    return "".join([*lines[:number], *([line] if twice else []), new, *lines[number + 1 :]])


@pytest.mark.parametrize("text", [*SLIPS, EVERYTHING, swapped("feed.ticks", "fed.tiks")])
def test_no_word_of_a_message_makes_a_fix(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All messages, hints and expectations are other words: the same fixes come of it."""
    plain = [(each.line, each.column, each.code, each.fix) for each in look(text).findings]
    result = mended(text)
    _reword(monkeypatch)
    found = look(text).findings
    assert all(set(each.message + each.suggestion) <= set("0123456789abcdef") for each in found)
    assert [(each.line, each.column, each.code, each.fix) for each in found] == plain
    assert mended(text).changes == result.changes != ()


def _reword(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (Diagnostic, RuleHit):
        monkeypatch.setattr(kind, "__new__", _reworded(kind))
    add = Diagnostics.add

    def added(self: Any, code: str, path: Any, *given: Any, **key: bool) -> None:
        add(self, code, path, *[_other(each) if isinstance(each, str) else each for each in given], **key)

    monkeypatch.setattr(Diagnostics, "add", added)


def _other(text: str) -> str:
    return text.encode().hex()


def _reworded(kind: type) -> Any:
    make = kind.__new__

    def new(cls: type, *given: Any, **named: Any) -> Any:
        made: Any = make(cls, *given, **named)
        words = {field: _other(getattr(made, field)) for field in ("message", "expected", "suggestion")}
        return make(cls, **(made._asdict() | words))

    return new


def test_what_would_show_another_error_is_left_and_the_rest_is_done() -> None:
    text = swapped("ticks: PUSH", "ticks: PUSHH").replace("ticks: PULL", "ticks: {type: PUB, lingr: 1s}")
    done = mended(text)
    assert done.count == 1
    assert [each.new for each in done.changes] == [text.replace("lingr", "linger")]


def test_both_slips_of_an_end_are_mended_one_after_the_other() -> None:
    done = mended(swapped("feed.ticks", "fed.tiks"))
    assert (done.count, [each.new for each in done.changes]) == (2, [ENDS])


def test_fixes_of_several_files_and_a_shared_one(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("nodes:\n  a: {command: x, restrat: never}\n")
    (tmp_path / "one.yaml").write_text("include: base.yaml\nnodes:\n  b: {command: x, depends_on: [a], stopp: {}}\n")
    (tmp_path / "two.yaml").write_text("include: base.yaml\nnodes:\n  a: {replica: 2}\n")
    meshes = [[str(tmp_path / "one.yaml")], [str(tmp_path / "two.yaml")]]
    found = examine(meshes, WANT)
    done = mend(found, lambda instead: examine(meshes, WANT._replace(instead=instead)))
    assert done.count == 3
    assert {Path(each.file).name for each in done.changes} == {"base.yaml", "one.yaml", "two.yaml"}
    assert errors(done.found) == Counter()
    write(done.changes)
    assert errors(examine(meshes, WANT)) == Counter()


def test_a_key_that_stands_in_another_file_is_not_written_over_it(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("nodes:\n  a: {command: x, replicas: 2}\n")
    (tmp_path / "over.yaml").write_text("nodes:\n  a: {replica: 3}\n")
    files = [[str(tmp_path / "base.yaml"), str(tmp_path / "over.yaml")]]
    found = examine(files, WANT)
    assert not any(each.edits for each in found.findings)


def test_a_file_that_has_changed_meanwhile_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("new\n")
    with pytest.raises(UsageError, match=r"a\.yaml: has changed meanwhile"):
        write([Change("a.yaml", "old\n", "other\n")])
    assert (tmp_path / "a.yaml").read_text() == "new\n"
    assert list(diff([Change("a.yaml", "old\n", "other\n")]))[-2:] == ["-old", "+other"]
