"""Z4: options of sockets."""

from orchestrator.lint.rules.z4_options import (
    conflate,
    known,
    linger,
    many_peers,
    memory,
    of_commands,
    ranges,
    reconnect,
    routing_id,
)

__all__ = ["conflate", "known", "linger", "many_peers", "memory", "of_commands", "ranges", "reconnect", "routing_id"]
