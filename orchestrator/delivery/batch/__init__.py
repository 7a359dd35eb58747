"""Edges that batch: many messages in one frame."""
