"""Z3: how messages flow, and where they stop or get lost."""

from orchestrator.lint.rules.z3_flow import (
    conflate,
    cycles,
    lost_peers,
    proxies,
    publishing,
    requests,
    routing,
    start,
    subscriptions,
)

__all__ = ["conflate", "cycles", "lost_peers", "proxies", "publishing", "requests", "routing", "start", "subscriptions"]
