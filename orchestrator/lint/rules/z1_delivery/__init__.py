"""Z1, delivery: edges that batch, retry, keep or replay."""
