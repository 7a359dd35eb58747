"""Findings without what the environment holds: of a text that is shown, no word depends on a variable's value.

To know which words do, the same files are looked at once more, with other values of the same shape in their place.
What is told both times is shown as it is; words that differ are stars. So nothing has to be known of what rules say,
and a value of one character does no harm. The second look is spared where values are so long, and so plain, that a
text has visibly nothing of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import takewhile
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING

from orchestrator.report.redact import STARS

if TYPE_CHECKING:
    from orchestrator.topology.diagnostics.diagnostic import Diagnostic

Values = Mapping[str, str]
"""Variables of the environment, by name."""

LONG, PIECE = 6, 4
"""A value with so many letters and digits is seen in a text by any so many of them in a row."""

LONGEST = 10_000
"""Of longer texts no words are compared."""

MOST_WORDS = 8
"""So many variables are tried for being a word of the language, or of the file."""

_QUANTITY = re.compile(r"[-+]?[0-9][0-9._]*[A-Za-z%]{0,3}")
_SCHEME = re.compile(r"(?:tcp|ipc|inproc|udp|wss?|e?pgm|norm|tipc|vmci|https?)://(?=.*[A-Za-z0-9])")
_PLAIN = re.compile(r"[ !#-&(-\[\]-~]*")  # printable, without quotes and backslashes, which messages escape
_ELSE = re.compile(r"[\W_]+")
_DIGITS = str.maketrans("0123456789", "1212345678")


def stand_in(value: str, taken: Callable[[str], bool] = lambda value: False) -> str:
    """Return another value of the same shape: each letter and digit is another one, a unit or transport stays.

    It is none that is ``taken``, if that can be.
    """
    if _QUANTITY.fullmatch(value):
        return value.translate(_DIGITS)
    kept = _SCHEME.match(value)
    start = kept.end() if kept else 0
    for turn in range(1, len(ascii_lowercase)):
        made = value[:start] + "".join(_other(each, turn) for each in value[start:])
        if not taken(made):
            break
    return made if made != value else ("~" if "!" in value else "!") * len(value)


def _other(character: str, turn: int) -> str:
    for letters in (ascii_lowercase, ascii_uppercase):
        if character in letters:
            return letters[(letters.index(character) + turn) % len(letters)]
    if character.isascii() or not character.isalnum():
        return character.translate(_DIGITS)
    return "é" if character != "é" else "ü"


def without(
    found: Sequence[Diagnostic],
    held: Values,
    again: Callable[[Values], list[Diagnostic]],
    written: Collection[str],
    language: Callable[[], str],
    about: Callable[[str], str],
) -> list[Diagnostic]:
    """Return findings without the values that are ``held``; ``again`` looks at the same files with others.

    ``written`` are the texts of the files, ``language`` gives all words of the language, ``about`` what a code means.
    """
    held = {name: value for name, value in held.items() if value}
    if all(_free(each, held.values()) for each in found):
        return list(found)
    hidden = {name: stand_in(value, lambda made: _stands(made, written)) for name, value in held.items()}
    first = again(hidden)
    looks = [first]
    if _apart(found, first):
        looks += _with_words(found, first, held, hidden, again, [*written, language()])
    values = list(held.values())
    return _agreed(found, looks, lambda each: each if _free(each, values) else _general(each, about(each.code)))


def _with_words(
    found: Sequence[Diagnostic],
    first: Sequence[Diagnostic],
    held: Values,
    hidden: Values,
    again: Callable[[Values], list[Diagnostic]],
    known: Sequence[str],
) -> list[list[Diagnostic]]:
    """Look once more with the values that are words of the language or of the files, where another one hides all else.

    It is no secret that such a word stands where no other may stand.
    """
    looks: list[list[Diagnostic]] = []
    apart = _apart(found, first)
    words = [name for name, value in held.items() if not _QUANTITY.fullmatch(value) and _stands(value, known)]
    for name in words[:MOST_WORDS]:
        fewer = {each: value for each, value in hidden.items() if each != name}
        look = again(fewer)
        if _apart(found, look) < apart:
            apart, hidden = _apart(found, look), fewer
            looks.append(look)
    return looks[-1:]


def _stands(value: str, texts: Iterable[str]) -> bool:
    """Return whether a value stands in a text as a word."""
    word = re.compile(rf"(?<![\w-]){re.escape(value)}(?![\w-])")
    return any(map(str.isalnum, value)) and any(word.search(text) for text in texts)


def _free(problem: Diagnostic, values: Iterable[str]) -> bool:
    """Return whether a finding has nothing of any value, as far as that can be seen."""
    text = _bare(" ".join(_texts(problem)))
    for value in values:
        bare = _bare(value)
        if len(bare) < LONG or _QUANTITY.fullmatch(value) or not _PLAIN.fullmatch(value):
            return False
        if any(bare[at : at + PIECE] in text for at in range(len(bare) - PIECE + 1)):
            return False
    return True


def _bare(text: str) -> str:
    return _ELSE.sub("", text).casefold()


def _texts(problem: Diagnostic) -> tuple[str, ...]:
    edits = [part for edit in problem.fix.edits for part in (edit.old, edit.new)] if problem.fix else []
    return problem.path, problem.message, problem.expected, problem.suggestion, problem.origin, *edits


def _place(problem: Diagnostic) -> tuple[str, int, int, str]:
    return problem.file, problem.line, problem.column, problem.code


def _apart(found: Iterable[Diagnostic], other: Iterable[Diagnostic]) -> int:
    """Count the places where only one of two looks finds something."""
    return len(set(map(_place, found)) ^ set(map(_place, other)))


def _agreed(
    found: Iterable[Diagnostic], looks: Iterable[Iterable[Diagnostic]], alone: Callable[[Diagnostic], Diagnostic]
) -> list[Diagnostic]:
    """Return what is found with the words of the first look that finds it too; ``alone`` gives what no look finds."""
    there: list[dict[tuple[str, int, int, str], list[Diagnostic]]] = []
    for look in looks:
        there.append(defaultdict(list))
        for each in look:
            there[-1][_place(each)].append(each)
    agreed = []
    for each in found:
        likes = next((likes for places in there if (likes := places.get(_place(each)))), [])
        if not likes:
            agreed.append(alone(each))
            continue
        same = next((one for one in likes if _texts(one) == _texts(each)), None)
        agreed.append(_both(each, same or next((one for one in likes if one.path == each.path), likes[0])))
    return agreed


def _both(one: Diagnostic, other: Diagnostic) -> Diagnostic:
    if _texts(one) == _texts(other):
        return one
    return one._replace(
        path=_common_steps(one.path, other.path),
        message=_common(one.message, other.message),
        expected=_common(one.expected, other.expected),
        suggestion=_common(one.suggestion, other.suggestion),
        origin=_common(one.origin, other.origin),
        fix=one.fix if one.fix == other.fix else None,
    )


def _common_steps(path: str, other: str) -> str:
    pairs = zip(path.split("."), other.split("."), strict=False)
    return ".".join(step for step, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _common(text: str, other: str) -> str:
    """Return a text with stars for the words that another one does not have in their place."""
    if text == other:
        return text
    if not other or max(len(text), len(other)) > LONGEST:
        return "" if not other else STARS
    words, others = text.split(), other.split()
    shown: list[str] = []
    for tag, start, end, _, _ in SequenceMatcher(None, words, others, autojunk=False).get_opcodes():
        shown += words[start:end] if tag == "equal" else [STARS] if end > start else []
    return " ".join(shown)


def _general(problem: Diagnostic, about: str) -> Diagnostic:
    """Return a finding that says no more than what its code means."""
    first = about.partition("\n")[0].rstrip(".")
    hint = "variables of the environment make it so, and their values are not shown"
    path = ".".join(problem.path.split(".")[:2])
    return problem._replace(path=path, message=first, expected="", suggestion=hint, origin="", fix=None)
