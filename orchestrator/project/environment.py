"""The environment as the files of one topology see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


class Recorded(Mapping[str, str]):
    """An environment, some of its values replaced, that remembers what it was asked for."""

    def __init__(self, values: Mapping[str, str], others: Mapping[str, str] | None = None) -> None:
        self._values, self._others = values, others or {}
        self.asked: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        value = self._others[name] if name in self._others else self._values[name]
        self.asked[name] = value
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
