"""Words of a shell where there is none."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from string import ascii_letters, digits
from typing import TYPE_CHECKING

from orchestrator.lint.core.registry import Path, RuleHit, rule

if TYPE_CHECKING:
    from orchestrator.lint.core.index import TopologyView
    from orchestrator.topology.model import Command, Node

_BUILTINS = frozenset(
    {"cd", "export", "source", ".", "alias", "eval", "exec", "set", "shopt", "trap", "ulimit", "umask", "unset"}
    | {"declare", "exit", "let", "local", "popd", "pushd", "read", "return", "wait"}
    | {"if", "while", "until", "for", "case", "function", "{", "!", "[["}
)
"""What a command line begins with that is no program of its own."""

_HARMLESS = frozenset(f"{ascii_letters}{digits}-_./:,@%+ ")
"""Characters that mean nothing to a shell; of others the patterns below tell."""

_ASSIGNS = r"[A-Za-z_]\w*="
_EXPANDS = r"\$(?:[A-Za-z_]\w*|[(@#?!*$]|\d(?!\d))|`"
_OPERATOR = r"&&|\|\||[|&;]$|^[|;]|^[({]$|^[)}#*]$|^\w[\w./-]*;[\w./]"
_REDIRECTS = r"\d?(?:>>?|<<?<?|&>|[<>]&)|\w[\w./]*>>?[\w./~]"
_HOME = r"~(?:[\w-]*/|$)"
_GLOB = r"(?!-)[^:=]*(?:\*\.\w|/\*|\w\*$)"
_QUOTED = r'"\$[A-Za-z_]\w*'
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh", "fish"})


@rule("Z616", "warning")
def shell_words(index: TopologyView) -> Iterator[RuleHit]:
    """A ``command`` is written as for a shell, and there is none.

    So it is with ``ready`` and ``live``. A shell that is named does what is meant.

    Why it matters: text is split into words, as a shell splits it, and that is all: ``&&``, ``|``, ``>``, ``$HOME``,
    ``*`` and the like are words for the program, which mostly prints them or fails on them.

    Bad:
        nodes:
          book: {command: "sleep 1 && sleep 2"}  # Z616

    Good:
        nodes:
          book: {command: [sh, -c, "sleep 1 && sleep 2"]}

    Source: execvp(3); sh(1).
    """
    for name, node in index.nodes.items():
        for key, command in _commands(node):
            if isinstance(command, str) and (found := shell_syntax(command)):
                path: Path = ("nodes", name, *key)
                # As it is written: what the environment holds is shown nowhere.
                written = index.written(*path)
                text = (written if isinstance(written, str) else command).strip()
                line = f"[bash, -c, {json.dumps(text, ensure_ascii=False)}]"
                message = f"there is no shell here, and {found} is for one"
                yield RuleHit(path, message, "", f"write `command: {line}`")


def _commands(node: Node) -> Iterator[tuple[Path, Command | None]]:
    yield ("command",), node.command
    for key, probe in (("ready", node.ready), ("live", node.live)):
        if probe is not None:
            yield (key, "command"), probe.command


def shell_syntax(command: str) -> str:
    """Return the first part of a command line that only a shell understands; empty without one.

    Quoted text is a word's own, and ``${...}`` is a variable of the topology.
    """
    if _HARMLESS.issuperset(re.sub(r"\$\{[^}]*\}", "", command)):
        program = next(iter(command.split()), "")
        return f"`{program}`" if program in _BUILTINS else ""
    if re.search(r"\\\r?\n", command):
        return "a `\\` at the end of a line"
    if re.search(r"\n[ \t]*(?!-)\S", _bare(command.strip())):
        return "a second line"
    words = list(_words(command))
    named = {os.path.basename(word) for word, _ in words} & _SHELLS  # it expands what is in double quotes
    for number, (word, bare) in enumerate(words):
        first = number == 0 and (word in _BUILTINS or bare.startswith("(") or re.match(_ASSIGNS, bare))
        expands = re.search(_EXPANDS, bare) or re.match(_HOME, bare) or ("://" not in bare and re.match(_GLOB, bare))
        if first or expands or re.search(_OPERATOR, bare) or re.match(_REDIRECTS, bare):
            return f"`{word}`"
        if re.match(_QUOTED, word) and not named:
            return f"`{word}`"
    return ""


def _words(command: str) -> Iterator[tuple[str, str]]:
    """Give each word as it is written, and what of it stands outside of quotes, without variables of the topology."""
    for found in re.finditer(r"""(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|\$\{[^}]*\}|[^\s'"\\])+""", command, re.DOTALL):
        yield found[0], _bare(found[0])


def _bare(text: str) -> str:
    """Return what stands outside of quotes, with a mark for what is left out."""
    return re.sub(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.|\$\{[^}]*\}""", "\0", text, flags=re.DOTALL)
