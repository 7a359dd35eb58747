"""Verbs for single processes of a mesh that goes on: stop, start, restart, kill."""
