"""For verbs that read, print and end: memory is given back by the end of the process, all at once."""

from __future__ import annotations

import gc


def begin() -> None:
    """Collect no garbage from here on: there is next to none among what large topologies are made of."""
    gc.disable()


def keep(*values: object) -> None:
    """Let values live as long as the process: taking large ones apart takes longer than printing them."""
    cycle: list[object] = [*values]
    cycle.append(cycle)  # that nobody refers to, and that ``gc.freeze`` at the end hides from the last collection
