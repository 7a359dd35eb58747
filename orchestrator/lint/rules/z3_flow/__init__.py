"""Z3: how messages flow, and where they stop or get lost."""
