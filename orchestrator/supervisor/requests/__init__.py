"""What clients ask of a supervisor, and its answers."""
