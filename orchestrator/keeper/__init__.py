"""The parent of every process of a mesh. It decides nothing: it starts, listens and records exits."""
