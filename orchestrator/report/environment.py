"""Variables of a process, quoted for a shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

_SHELL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def lines(shown: Mapping[str, str], hidden: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield assignments for a shell, then which names of which files are not among them."""
    for variable, value in shown.items():
        # A shell cannot set a variable of any other name.
        yield f"{'' if _SHELL_NAME.fullmatch(variable) else '# '}{variable}={shlex.quote(value)}"
    for path, names in hidden.items():
        yield f"# from {path}, not printed: {', '.join(names) or 'nothing'}"
