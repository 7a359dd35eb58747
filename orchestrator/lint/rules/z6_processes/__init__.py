"""Z6: processes and programs."""
