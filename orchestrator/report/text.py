"""How times, sizes, colors and foreign text look."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from orchestrator.shortlist import listed

RED = "31"
YELLOW = "33"
CYAN = "36"
BOLD = "1"
DIM = "2"
PALETTE = ("36", "33", "32", "35", "34", "96", "93", "92", "95", "94")
"""SGR parameters (ECMA-48, 8.3.117) that tell processes apart; red is kept for what went wrong."""

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if code != 0x09}
_DIRECTIONS = {code: f"\\u{code:04x}" for code in (*range(0x2028, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F)}
_VISIBLE = str.maketrans(_CONTROLS | _DIRECTIONS)


def visible(text: str) -> str:
    r"""Show control characters (ESC as ``\x1b``) so that no terminal obeys what a program wrote; tabs stay."""
    return text if text.isascii() and text.isprintable() else text.translate(_VISIBLE)


def paint(text: str, code: str, color: bool) -> str:
    """Put text between an SGR sequence and its end, where color is wanted."""
    return f"\x1b[{code}m{text}\x1b[0m" if color and text else text


def exact(seconds: float) -> str:
    """Return a duration as ``12s``, ``4m02s``, ``3h07m``, ``2d04h``."""
    whole = int(seconds)
    for size, unit, part, lower in ((86400, "d", 3600, "h"), (3600, "h", 60, "m"), (60, "m", 1, "s")):
        if whole >= size:
            return f"{whole // size}{unit}{whole % size // part:02d}{lower}"
    return f"{whole}s"


def rough(seconds: float) -> str:
    """Return a duration as ``12 s``, ``4 min``, ``3 h``, ``2 d``."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def brief(seconds: float) -> str:
    """Return a delay as ``100 ms`` or ``1.5 s``."""
    return f"{round(seconds * 1000)} ms" if seconds < 1 else f"{seconds:.3g} s"


def size(count: int) -> str:
    """Return bytes as ``9 MB``."""
    for unit, power in (("GB", 3), ("MB", 2), ("kB", 1)):
        if count >= 1000**power:
            return f"{count / 1000**power:.0f} {unit}"
    return f"{count} B"


def stamp(epoch: float) -> str:
    """Return a time as RFC 3339 has it, in UTC and with microseconds."""
    whole, micros = divmod(round(epoch * 1_000_000), 1_000_000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole))}.{micros:06d}Z"


def count(number: int, noun: str) -> str:
    """Return ``1 link``, ``2 links``, ``2 processes``."""
    return f"{number} {noun if number == 1 else noun + ('es' if noun.endswith('s') else 's')}"


def some(items: Sequence[str], most: int = 4) -> str:
    """Join items with commas, and say how many were left out."""
    return listed(items, most, last=", and ")


def table(rows: Iterable[Sequence[str]]) -> list[str]:
    """Align columns; the last one is as long as it is."""
    lines = [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def in_order(groups: Iterable[Sequence[str]]) -> str:
    """Return ``feed, then bot and risk, then book``."""
    return ", then ".join(" and ".join(group) for group in groups)
