"""Where the keys and values of mappings and lists are written, and where what they replaced was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orchestrator.identity_map import IdentityMap

Marks = list[Any]
"""Of a mapping (key, value, key, value, ...), of a list (item, item, ...)."""

FEW = 12
"""A mapping of fewer keys is searched; of others the numbers of keys are remembered."""


class Positions(IdentityMap[Marks]):
    """The marks of each mapping and list. Documents that are to be one share these."""

    __slots__ = ("_numbers", "_overridden")

    def __init__(self) -> None:
        super().__init__()
        self._overridden: IdentityMap[Mapping[str, Sequence[Any]]] = IdentityMap()
        self._numbers: IdentityMap[dict[str, int]] = IdentityMap()

    def number(self, box: Any, step: Any) -> int | None:
        """Return the number of a key in its mapping, or of an item in its list; None where it is not there."""
        if box.__class__ is dict:
            if step not in box:
                return None
            if len(box) < FEW:
                return list(box).index(step)
            numbers = self._numbers.get(box, None)
            if numbers is None:
                numbers = self._numbers[box] = {key: number for number, key in enumerate(box)}
            return numbers[step]
        return int(step) if box.__class__ is list and isinstance(step, int) and step < len(box) else None

    def overridden(self, box: Any, key: Any) -> Sequence[Any]:
        """Return the marks of the values that a key had before other files were laid over it."""
        return self._overridden.get(box, _NONE).get(key, ())

    def put(self, box: Any, marks: Marks, overridden: Mapping[str, Sequence[Any]]) -> None:
        """Note the marks of a new mapping, and those of the values that its own replaced, by key."""
        self[box] = marks
        if overridden:
            self._overridden[box] = overridden

    def remove(self, box: dict[str, Any], key: str) -> None:
        """Remove a key from a mapping, and its marks."""
        at = 2 * list(box).index(key)
        del self[box][at : at + 2], box[key]
        self._numbers[box] = {key: number for number, key in enumerate(box)}

    def marks(self) -> int:
        """Return how many marks there are."""
        return sum(map(len, self.values()))


_NONE: Mapping[str, Sequence[Any]] = {}
