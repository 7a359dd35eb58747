"""Clients and their mesh: finding it, starting it, asking its supervisor, reading what it writes to disk."""
