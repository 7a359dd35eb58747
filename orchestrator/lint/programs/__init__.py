"""The module of a node, read and never imported."""
