"""Edges that retry: a request is sent again until its own reply is there."""

from orchestrator.delivery.retry.errors import NoReplyError

__all__ = ["NoReplyError"]
