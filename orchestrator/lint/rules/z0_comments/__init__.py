"""Z0: silencing rules."""
