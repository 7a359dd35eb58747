"""Secrets that others can read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from orchestrator.lint.core.registry import Path, RuleHit, rule

if TYPE_CHECKING:
    from orchestrator.lint.core.facts import Facts
    from orchestrator.lint.core.index import TopologyView

_SECRET_NAME = re.compile(
    r"(?:^|[_-])(?:password|passwd|passphrase|secret|token|api_?key|private_?key|secret_?key|credentials?)$", re.I
)

_NO_SECRET = re.compile(r"(?:|true|false|yes|no|on|off|[0-9]|[.~]?[.]?/.*|.*\$\{.*)\Z", re.I | re.S)

_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")


@rule("Z502", "warning")
def secret_in_file(index: TopologyView) -> Iterator[RuleHit]:
    """A password, token or private key is written in the file.

    A secret belongs in an ``env_file`` that only you can read, or in the environment: ``${env.NAME}``. Looked at is
    what is written, before variables are replaced; values are never printed.

    Why it matters: Files of topologies are shared and kept in version control.

    Bad:
        nodes:
          feed:
            python: feed:main
            env: {EXCHANGE_PASSWORD: correct-horse}  # Z502

    Good:
        nodes:
          feed:
            python: feed:main
            env: {EXCHANGE_PASSWORD: "${env.EXCHANGE_PASSWORD:-}"}

    Source: twelve-factor app, "Config".
    """
    for name, node in index.nodes.items():
        for part, values in (("env", node.env), ("args", node.args)):
            for key, value in values.items():
                if isinstance(value, str) and (_is_secret(key, part) or _PRIVATE_KEY.search(value)):
                    path: Path = ("nodes", name, part, key)
                    if _is_written_out(index.written(*path)):
                        hint = "env_file, or ${env.NAME}"
                        yield RuleHit(path, f"{key} looks like a secret, written out", hint, key=True)
        if node.stdin and _PRIVATE_KEY.search(str(index.written("nodes", name, "stdin"))):
            yield RuleHit(("nodes", name, "stdin"), "a private key, written out", "a file of its own", key=True)


def _is_secret(key: str, part: str) -> bool:
    """Tell by its name whether a value is secret; a token among args is mostly a word of a text."""
    return bool(_SECRET_NAME.search(key)) and not (part == "args" and key.lower() == "token")


def _is_written_out(written: Any) -> bool:
    """Tell whether a value is more than a variable, a switch, a number or the path of a file."""
    return isinstance(written, str) and not _NO_SECRET.match(written)


@rule("Z506", "warning")
def env_file_readable(index: TopologyView, facts: Facts) -> Iterator[RuleHit]:
    """An env file that holds a password, token or private key can be read by others.

    It is where secrets belong, so only you should: ``chmod 600``. Looked at are the names of its variables.

    Why it matters: every user of the machine can read the password, and whatever it opens.

    Bad:
        nodes:
          feed:
            python: feed:main
            env_file: open.env  # Z506

        # open.env
        PASSWORD=correct-horse

    Good:
        nodes:
          feed:
            python: feed:main
            env_file: private.env

        # private.env
        PASSWORD=correct-horse

    Source: chmod(1).
    """
    open_files = {path: each for path, each in facts.env_files.items() if each.mode & 0o077 and _secrets(each.names)}
    for name, node in index.nodes.items() if open_files else ():
        for number, file in enumerate(node.env_file):
            if file in open_files:
                listed = isinstance(index.written("nodes", name, "env_file"), list)
                path: Path = ("nodes", name, "env_file", number) if listed else ("nodes", name, "env_file")
                first = _secrets(open_files[file].names)[0]
                message = f"others can read it (mode {open_files[file].mode & 0o777:o}), and it holds {first}"
                yield RuleHit(path, message, "", "chmod 600")


def _secrets(names: Iterable[str]) -> list[str]:
    return [name for name in names if _SECRET_NAME.search(name)]
