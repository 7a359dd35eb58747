"""What a listener could not have."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class LossReport:
    """``dropped`` messages were received and had no room here; ``missing`` ones never came, as their numbers tell.

    Of the publishers in ``behind`` and ``returned`` nobody can tell how many are missing, if any: the first sent faster
    than this listener took, for the second it was not there yet when they had started anew.
    """

    dropped: int = 0
    missing: int = 0
    behind: set[str] = field(default_factory=set)
    returned: set[str] = field(default_factory=set)

    def told(self) -> list[str]:
        """Say what may be missing, a line each; nothing where all is there."""
        said = []
        if self.dropped:
            said.append(f"{self.dropped} dropped, since they came faster than they were written")
        if self.missing:
            said.append(f"{self.missing} missing, as their numbers tell")
        said += [f"{name} sent faster than was taken: some may be missing" for name in sorted(self.behind)]
        said += [f"{name} started anew: what it sent at once may be missing" for name in sorted(self.returned)]
        return said
