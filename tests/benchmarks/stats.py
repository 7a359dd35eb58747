"""Medians and how sure they are, without assumptions about the noise."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import median


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Give the median and its 95 % interval, by order statistics (the binomial sign interval)."""
    ordered = sorted(values)
    half = 1.96 * sqrt(len(ordered)) / 2
    middle = (len(ordered) - 1) / 2
    low, high = max(0, int(middle - half)), min(len(ordered) - 1, int(middle + half + 1))
    return median(ordered), ordered[low], ordered[high]


def sure(values: Sequence[float], within: float) -> bool:
    """Tell whether a median is known to within this much."""
    if len(values) < 12:
        return False
    middle, low, high = interval(values)
    return high - middle <= within and middle - low <= within


def say(what: str, asked: str, ratios: Sequence[float]) -> None:
    """Print the median of ratios, its interval, and what was asked."""
    middle, low, high = interval(ratios)
    print(f"{what:<30} {middle:6.3f}  [{low:.3f}, {high:.3f}]  {asked}")
