"""Z2: addresses of edges."""
