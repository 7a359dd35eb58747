"""Values by the object they belong to. The one place that knows objects by their memory address."""

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

V = TypeVar("V")
D = TypeVar("D")


class IdentityMap(Generic[V]):
    """A mapping whose keys are objects themselves, hashable or not; equal ones are two.

    It keeps its keys alive, as the address of an object that is gone is another's before long.
    """

    __slots__ = ("_keys", "_values")

    def __init__(self) -> None:
        self._values: dict[int, V] = {}
        self._keys: list[object] = []

    def __setitem__(self, key: object, value: V) -> None:
        if id(key) not in self._values:
            self._keys.append(key)
        self._values[id(key)] = value

    def __getitem__(self, key: object) -> V:
        return self._values[id(key)]

    def get(self, key: object, default: D) -> V | D:
        """Return the value of an object, or the default."""
        return self._values.get(id(key), default)

    def update(self, keys: Sequence[object], values: Iterable[V]) -> None:
        """Set the values of many objects."""
        self._values.update(zip(map(id, keys), values, strict=True))
        self._keys += keys

    def values(self) -> Iterable[V]:
        """Return the values, in the order in which their objects came."""
        return self._values.values()
