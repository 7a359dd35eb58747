"""Rules about what silences rules."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.lint.core.registry import REPORTED_ELSEWHERE, RuleHit, rule


@rule("Z001", "warning")
def useless_suppression() -> Iterable[RuleHit]:
    """A comment silences a finding that is not there.

    What it was written for is mended, or has moved. A comment that names no finding, or one that cannot be silenced, is
    told too, and one without a reason as info.

    Why it matters: left there it would hide the next finding of that line, for a reason that is no longer true.

    How the fix is safe: it takes away the comment alone, and only one that names a single code.

    Bad:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}  # lint: ignore[Z108] wired to itself on purpose

    Good:
        nodes:
          feed: {python: "feed:main", sockets: {ticks: PUB}}
          bot: {python: "bot:main", sockets: {ticks: {type: SUB, subscribe: ""}}}
        edges:
          ticks: {bind: feed.ticks, connect: bot.ticks}

    Source: this linter.
    """
    return REPORTED_ELSEWHERE
