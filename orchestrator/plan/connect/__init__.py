"""Edges -> endpoints and connections."""
